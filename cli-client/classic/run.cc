#include "cli-client/classic/run.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>

#include "base/errno_text.h"
#include "cli-client/base/exit_status.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/classic/ending.h"
#include "cli-client/classic/loop.h"
#include "cli-client/net/connect.h"
#include "cli-client/net/resolver.h"
#include "cli-client/terminal/plain_lines.h"
#include "cli-client/terminal/terminal.h"
#include "protocol/classic/private_key.h"

namespace parley::client {
namespace {

// From here on making a key takes seconds.
constexpr unsigned kSlowKeyBits = 6144;
constexpr std::size_t kInputBytes = std::size_t{16} * 1024;

int fail(ExitStatus status, const std::string& text) {
  std::fprintf(stderr, "parley: %s\n", text.c_str());
  return static_cast<int>(status);
}

// Standard input as messages. Returns 0, or the errno of why it cannot be read.
class PipedInput {
 public:
  int send_to(ClassicConversation& conversation, ChatLoop& loop) {
    // After the input's end no line is wanted any more, and the wait for one ends with the conversation.
    while (loop.run_until_line_wanted() == ChatLoop::Wake::line_wanted) {
      if (const auto line = lines_.next()) {
        conversation.send_line(*line);
      } else if (!open_) {
        conversation.end_input(Clock::now());
      } else if (loop.run_until_input() == ChatLoop::Wake::input) {
        if (const int error = read()) return error;
      }
    }
    return 0;
  }

  // Is there input already that was not made into messages? Reads for it.
  bool has_more() {
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    while (open_ && lines_.empty() && ::poll(&ready, 1, 0) > 0) {
      if (read() != 0) break;
    }
    return !lines_.empty();
  }

 private:
  int read() {
    std::array<char, kInputBytes> bytes;
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN ? 0 : errno;
    lines_.feed({bytes.data(), static_cast<std::size_t>(count)});
    if (count == 0) {
      lines_.end();
      open_ = false;
    }
    return 0;
  }

  LineSplitter lines_;
  bool open_ = true;
};

int chat_in_pipe(const ClassicOptions& options, ClassicConversation& conversation, ChatLoop& loop,
                 PlainDisplay& display) {
  display.status("connected to " + options.relay.text() + ", waiting for the other side");
  PipedInput input;
  if (const int error = input.send_to(conversation, loop)) {
    return fail(ExitStatus::failed, "cannot read standard input: " + errno_text(error));
  }
  if (loop.signal() != 0) return 128 + loop.signal();
  if (loop.display_closed()) {
    if (!is_output_failure(display.error())) return static_cast<int>(ExitStatus::done);
    say_output_failure(display.error());
    return static_cast<int>(ExitStatus::failed);
  }
  Ending ending = *loop.ending();
  if (ending == Ending::left) {
    loop.leave();
    return static_cast<int>(ExitStatus::done);
  }
  const bool in_order = ending == Ending::other_left || ending == Ending::ended_unheard;
  if (in_order && !::isatty(STDIN_FILENO) && input.has_more()) ending = Ending::unsent;
  const EndingReport ended = report(ending, options.relay.text(), options.key_bits);
  display.status(ended.text);
  return static_cast<int>(ended.status);
}

int chat_on_terminal(const ClassicOptions& options, ClassicConversation& conversation, ChatLoop& loop) {
  Terminal terminal([&loop] { return loop.run_until_input() == ChatLoop::Wake::input; });
  loop.show_on(terminal);
  terminal.status("connected to " + options.relay.text() + ", waiting for the other side; Ctrl-D or /quit leaves");
  bool spoke = false;
  while (loop.run_until_line_wanted() == ChatLoop::Wake::line_wanted) {
    const auto line = terminal.read_line();
    if (loop.over()) break;
    if (!line || (*line == "/quit" && !terminal.line_was_pasted())) {
      loop.leave();
      if (loop.signal() == 0) {
        terminal.status(spoke && !conversation.heard()
                            ? "you left before the other side wrote: what you wrote may not have arrived"
                            : "you left");
      }
      return loop.signal() == 0 ? static_cast<int>(ExitStatus::done) : 128 + loop.signal();
    }
    conversation.send_line(*line);
    spoke = true;
  }
  if (loop.signal() != 0) return 128 + loop.signal();
  if (loop.display_closed()) return static_cast<int>(ExitStatus::failed);
  const EndingReport ended = report(*loop.ending(), options.relay.text(), options.key_bits);
  terminal.status(ended.text);
  return static_cast<int>(ended.status);
}

}  // namespace

int run_classic(const ClassicOptions& options) {
  const auto addresses = resolve(options.relay);
  if (!addresses) return fail(ExitStatus::no_connection, addresses.error());
  // Before connecting: a relay gives a client only some seconds to send its key.
  if (options.key_bits >= kSlowKeyBits) std::fprintf(stderr, "parley: making a key of %u bits\n", options.key_bits);
  const auto key = classic::PrivateKey::generate(options.key_bits);
  auto connection = connect(options.relay, *addresses, options.timeout);
  if (!connection) return fail(ExitStatus::no_connection, connection.error());

  const bool on_terminal = ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO);
  Signals signals(on_terminal);
  ClassicConversation conversation(key, {options.timeout, options.linger, options.wait, options.turns}, Clock::now());
  PlainDisplay plain(options.raw && !::isatty(STDOUT_FILENO));
  ChatLoop loop(connection->socket.get(), signals, conversation, plain);
  if (loop.run_until_line_wanted() == ChatLoop::Wake::over) {
    if (loop.signal() != 0) return 128 + loop.signal();
    if (loop.display_closed()) return static_cast<int>(ExitStatus::done);
    const EndingReport ended = report(*loop.ending(), options.relay.text(), options.key_bits);
    return fail(ended.status, ended.text);
  }
  return on_terminal ? chat_on_terminal(options, conversation, loop) : chat_in_pipe(options, conversation, loop, plain);
}

}  // namespace parley::client

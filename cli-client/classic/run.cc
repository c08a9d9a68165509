#include "cli-client/classic/run.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/errno_text.h"
#include "cli-client/base/exit_status.h"
#include "cli-client/base/poll_timeout.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/classic/ending.h"
#include "cli-client/classic/key_attempt.h"
#include "cli-client/classic/loop.h"
#include "cli-client/net/race.h"
#include "cli-client/net/resolver.h"
#include "cli-client/terminal/input_lines.h"
#include "cli-client/terminal/plain_display.h"
#include "cli-client/terminal/screen.h"
#include "cli-client/terminal/terminal.h"
#include "protocol/classic/private_key.h"

namespace parley::client {
namespace {

// From here on making a key takes seconds.
constexpr unsigned kSlowKeyBits = 6144;

int fail(ExitStatus status, const std::string& text) {
  std::fprintf(stderr, "parley: %s\n", text.c_str());
  return static_cast<int>(status);
}

// Standard input as messages, until it ends, or cannot be read.
void send_input(InputLines& input, ClassicConversation& conversation, ChatLoop& loop) {
  // After the input's end no line is wanted any more, and the wait for one ends with the conversation.
  while (input.error() == 0 && loop.run_until_line_wanted() == ChatLoop::Wake::line_wanted) {
    if (const auto line = input.next()) {
      conversation.send_line(*line);
    } else if (!input.open()) {
      conversation.end_input(Clock::now());
    } else if (loop.run_until_input() == ChatLoop::Wake::input) {
      input.read();
    }
  }
}

int chat_in_pipe(const ClassicOptions& options, ClassicConversation& conversation, ChatLoop& loop,
                 PlainDisplay& display) {
  display.status("connected to " + options.relay.text() + ", waiting for the other side");
  InputLines input;
  send_input(input, conversation, loop);
  if (input.error() != 0) {
    return fail(ExitStatus::failed, "cannot read standard input: " + errno_text(input.error()));
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
  if (in_order && !Screen(STDIN_FILENO).is_terminal() && input.has_more()) ending = Ending::unsent;
  const EndingReport ended = report(ending, options.relay.text(), options.key_bits);
  display.status(ended.text);
  return static_cast<int>(ended.status);
}

int chat_on_terminal(const ClassicOptions& options, ClassicConversation& conversation, ChatLoop& loop) {
  Terminal terminal([&loop] { return loop.run_until_input() == ChatLoop::Wake::input; });
  loop.show_on(terminal);
  terminal.status("connected to " + options.relay.text() + ", waiting for the other side; Ctrl-D or /quit leaves");
  // Lines that were typed come back with their time.
  terminal.set_status_line("by " + options.relay.text() + " · the relay can read this");
  bool spoke = false;
  LineSplitter lines;  // of what was typed, or pasted, at once: each is a message
  while (loop.run_until_line_wanted() == ChatLoop::Wake::line_wanted) {
    if (const auto line = lines.next()) {
      terminal.said_by_us(*line);
      conversation.send_line(*line);
      spoke = true;
      continue;
    }
    const auto typed = terminal.read_line();
    if (loop.over()) break;
    if (!typed || *typed == "/quit") {
      loop.leave();
      if (loop.signal() == 0) {
        terminal.status(!conversation.all_sent() ? "you left before all that you wrote was sent"
                        : spoke && !conversation.heard()
                            ? "you left before the other side wrote: what you wrote may not have arrived"
                            : "you left");
      }
      return loop.signal() == 0 ? static_cast<int>(ExitStatus::done) : 128 + loop.signal();
    }
    lines.feed(typed->substr(0, typed->find_last_not_of('\n') + 1) + '\n');
  }
  if (loop.signal() != 0) return 128 + loop.signal();
  if (loop.display_closed()) return static_cast<int>(ExitStatus::failed);
  const EndingReport ended = report(*loop.ending(), options.relay.text(), options.key_bits);
  terminal.status(ended.text);
  return static_cast<int>(ended.status);
}

// Waits for the relay's key at one of its addresses. The error is the exit status, once the user has been told why.
tl::expected<Race::Winner, int> run_race(Race& race, Signals& signals, Display& display) {
  for (;;) {
    if (auto result = race.advance(Clock::now())) {
      if (*result) return std::move(**result);
      const ConnectionFault& fault = result->error();
      const bool refused = fault.kind == ConnectionFault::Kind::refused;
      return tl::unexpected(fail(refused ? ExitStatus::refused : ExitStatus::no_connection, fault.text));
    }
    std::array<pollfd, 2> fds{{race.wanted(), {signals.fd(), POLLIN, 0}}};
    (void)::poll(fds.data(), fds.size(), poll_timeout(race.deadline(), Clock::now()));
    while (const auto number = signals.next()) {
      if (Signals::ends(*number)) return tl::unexpected(128 + *number);
      display.signal(*number);
    }
  }
}

}  // namespace

int run_classic(const ClassicOptions& options) {
  const auto addresses = resolve(options.relay);
  if (!addresses) return fail(ExitStatus::no_connection, addresses.error());
  // Before connecting: a relay gives a client only some seconds to send its key.
  if (options.key_bits >= kSlowKeyBits) std::fprintf(stderr, "parley: making a key of %u bits\n", options.key_bits);
  const auto key = classic::PrivateKey::generate(options.key_bits);

  const bool on_terminal = user_is_at_terminal();
  Signals signals(on_terminal);
  PlainDisplay plain(options.raw && !Screen(STDOUT_FILENO).is_terminal());
  const ConversationRules rules{options.timeout, options.linger, options.wait, options.turns, options.pace};
  const auto begin = [&](const Address& address, const std::string& where) {
    return std::make_unique<KeyAttempt>(key, rules, address, where);
  };
  const TimePoint begun = Clock::now();
  Race race(options.relay, in_racing_order(*addresses, std::nullopt), options.timeout, begun, begin, begun);
  const auto winner = run_race(race, signals, plain);
  if (!winner) return winner.error();
  auto& reached = static_cast<KeyAttempt&>(*winner->attempt);
  const Descriptor socket = reached.take_socket();
  const std::unique_ptr<ClassicConversation> talk = reached.take_conversation();
  ClassicConversation& conversation = *talk;

  ChatLoop loop(socket.get(), signals, conversation, plain);
  if (loop.run_until_line_wanted() == ChatLoop::Wake::over) {
    if (loop.signal() != 0) return 128 + loop.signal();
    if (loop.display_closed()) return static_cast<int>(ExitStatus::done);
    const EndingReport ended = report(*loop.ending(), options.relay.text(), options.key_bits);
    return fail(ended.status, ended.text);
  }
  say_relay_can_read("the classic protocol encrypts nothing end to end");
  return on_terminal ? chat_on_terminal(options, conversation, loop) : chat_in_pipe(options, conversation, loop, plain);
}

}  // namespace parley::client

#include "cli-client/transfer/pipe.h"
#include "base/errno_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>
#include <variant>

#include "cli-client/base/say.h"
#include "cli-client/meeting/news.h"

namespace parley::client {
namespace {

// Fills one record of the inner TLS: docs/chat-protocol.md, "Records".
constexpr std::size_t kStreamBytes = 16'116;

// How much write(2) takes at a time without making us wait, after poll(2) has said that there is room.
std::size_t write_step(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? std::size_t{64} * 1024 : PIPE_BUF;
}

}  // namespace

Pipe::Pipe(ConversationLoop& loop, bool qr) : loop_(loop), qr_(qr), write_step_(write_step(STDOUT_FILENO)) {}

void Pipe::run() {
  while (!loop_.over()) step();
  say_news(loop_, "pipe", qr_);
}

void Pipe::step() {
  take_events();
  say_news(loop_, "pipe", qr_);
  const bool reads =
      !input_ended_ && failure_.empty() && loop_.conversation().can_send(chat::Type::stream, kStreamBytes);
  using Output = ConversationLoop::Output;
  const Output output = output_ended_ || !failure_.empty() ? Output::ignored
                        : output_                          ? Output::wanted
                                                           : Output::watched;
  const auto ready = loop_.wait(reads ? STDIN_FILENO : -1, output);
  if (ready.input) read_input();
  if (ready.output) write_output();
  // Who is told to end does not wait for a reader.
  if (loop_.signal() != 0) output_.reset();
  if (loop_.output_gone()) fail("nobody reads standard output any more");
}

void Pipe::take_events() {
  while (!output_) {
    const auto event = loop_.engine().next_event();
    if (!event) return;
    if (const auto* message = std::get_if<chat::Message>(&*event)) {
      take(*message);
    } else if (std::holds_alternative<chat::Restarted>(*event)) {
      fail("the other side was started anew, and what it had is lost");
    } else if (std::holds_alternative<chat::Acknowledged>(*event)) {
      all_sent_ = input_ended_ && loop_.conversation().unacknowledged_bytes() <= chat::kHeaderBytes;
    }
  }
}

void Pipe::take(const chat::Message& message) {
  if (!failure_.empty() || loop_.signal() != 0) return;
  if (message.type == chat::Type::stream && !message.body.empty()) {
    output_ = message;
    written_ = 0;
    return;
  }
  if (message.type == chat::Type::stream && !output_ended_) {
    output_ended_ = true;
    // So that who reads it sees the end, while we may still have much to send. The number stays taken.
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (::dup2(null, STDOUT_FILENO) < 0) fail("cannot close standard output: " + errno_text());
    ::close(null);
  } else if (message.type != chat::Type::bye) {
    fail("the other side does not run parley pipe; both must run the same command");
  }
  loop_.taken(message.id);
}

void Pipe::read_input() {
  Bytes bytes(kStreamBytes);
  const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0) {
    if (errno == EINTR || errno == EAGAIN) return;
    return fail("cannot read standard input: " + errno_text());
  }
  bytes.resize(static_cast<std::size_t>(count));
  loop_.conversation().send(chat::Type::stream, std::move(bytes));  // empty says that it is all
  if (count == 0) {
    input_ended_ = true;
    loop_.conversation().finish();
  }
}

void Pipe::write_output() {
  const std::size_t bytes = std::min(write_step_, output_->body.size() - written_);
  const ssize_t count = ::write(STDOUT_FILENO, output_->body.data() + written_, bytes);
  if (count < 0) {
    if (errno == EINTR || errno == EAGAIN) return;
    return fail(errno == EPIPE ? "nobody reads standard output any more"
                               : "cannot write to standard output: " + errno_text());
  }
  written_ += static_cast<std::size_t>(count);
  if (written_ < output_->body.size()) return;
  loop_.taken(output_->id);
  output_.reset();
}

void Pipe::fail(std::string text) {
  if (failure_.empty()) failure_ = std::move(text);
  output_.reset();
  loop_.leave();
}

int Pipe::finish() {
  const auto end = [](ExitStatus status, const std::string& text) {
    say(text);
    return static_cast<int>(status);
  };
  const Outcome& outcome = loop_.outcome();
  if (loop_.signal() != 0) return 128 + loop_.signal();
  if (!failure_.empty()) return end(ExitStatus::failed, failure_);
  if (outcome.pin) return static_cast<int>(outcome.status);  // see trust_after_asking()
  if (outcome.kind == Outcome::Kind::failed) return end(outcome.status, outcome.text);
  if (output_ended_ && (outcome.kind == Outcome::Kind::done || all_sent_)) return 0;
  return end(ExitStatus::failed, output_ended_ ? "the other side left before it had everything"
                                               : "the other side left before it had sent everything");
}

}  // namespace parley::client

#include "cli-client/transfer/pipe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <span>
#include <utility>
#include <variant>

#include "base/descriptor.h"
#include "base/errno_text.h"
#include "cli-client/base/say.h"
#include "cli-client/files/quantity.h"
#include "cli-client/meeting/news.h"
#include "cli-client/terminal/screen.h"

namespace parley::client {
namespace {

// How much write(2) takes at a time without making us wait, after poll(2) has said that there is room.
std::size_t write_step(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? std::size_t{64} * 1024 : PIPE_BUF;
}

}  // namespace

Pipe::Pipe(ConversationLoop& loop, const PipeOptions& options)
    : loop_(loop), qr_(options.qr), write_step_(write_step(STDOUT_FILENO)) {
  if (!options.raw && Screen(STDOUT_FILENO).is_terminal()) check_.emplace();
}

void Pipe::run() {
  while (!loop_.over()) step();
  say_news(loop_, "pipe", qr_);
}

void Pipe::step() {
  take_events();
  say_news(loop_, "pipe", qr_);
  const bool reads = !input_ended_ && loop_.conversation().can_send(chat::Type::stream, chat::kStreamBytes);
  using Output = ConversationLoop::Output;
  const Output output = output_ended_ || loop_.failed() ? Output::ignored : output_ ? Output::wanted : Output::watched;
  const auto ready = loop_.wait(reads ? STDIN_FILENO : -1, output);
  while (const int number = loop_.next_other_signal()) {
    if (number == SIGUSR1) tell_how_far();
  }
  if (ready.input) read_input();
  if (ready.output) write_output();
  // Who is told to end does not wait for a reader.
  if (loop_.signal() != 0) output_.reset();
  if (loop_.output_gone()) fail("nobody reads standard output any more");
}

void Pipe::take_events() {
  while (!output_) {
    const auto event = loop_.next_event();
    if (!event) return;
    if (const auto* message = std::get_if<chat::Message>(&*event)) {
      take(*message);
    } else if (std::holds_alternative<chat::Restarted>(*event)) {
      fail("the other side was started anew, and what it had is lost");
    }
  }
}

void Pipe::take(const chat::Message& message) {
  if (loop_.signal() != 0) return;
  if (message.type == chat::Type::stream && !message.body.empty()) {
    if (check_ && !check_->takes(as_text(message.body))) {
      return fail(
          "what comes is not plain text, and could steer this terminal; let it go to a file or a program, or "
          "give --raw");
    }
    output_ = message;
    written_ = 0;
    return;
  }
  if (message.type == chat::Type::stream) {
    end_output();
  } else if (message.type != chat::Type::bye) {
    return loop_.fail_for(message);
  }
  loop_.taken(message.id);
}

void Pipe::end_output() {
  output_ended_ = true;
  if (!input_ended_) {
    say(std::string("the other side has sent all that it had; this side goes on until its input ends") +
        (Screen(STDIN_FILENO).is_terminal() ? " (Ctrl-D)" : ""));
  }
  // So that who reads it sees the end, while we may still have much to send. The number stays taken: by a pipe that
  // nobody reads, as there need not be a /dev/null.
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail("cannot close standard output: " + errno_text());
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  if (::dup2(writer.get(), STDOUT_FILENO) < 0) fail("cannot close standard output: " + errno_text());
}

void Pipe::read_input() {
  std::array<std::byte, chat::kStreamBytes> bytes;
  const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0) {
    if (errno == EINTR || errno == EAGAIN) return;
    return fail("cannot read standard input: " + errno_text());
  }
  // Only what there is, as it may have to wait for long; empty says that it is all.
  const auto read = std::span(bytes).first(static_cast<std::size_t>(count));
  bytes_out_ += read.size();
  loop_.conversation().send(chat::Type::stream, Bytes(read.begin(), read.end()));
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
  bytes_in_ += static_cast<std::uint64_t>(count);
  if (written_ < output_->body.size()) return;
  loop_.taken(output_->id);
  output_.reset();
}

void Pipe::tell_how_far() {
  const std::size_t kept = loop_.conversation().unacknowledged_bytes();
  const std::uint64_t arrived = bytes_out_ - std::min<std::uint64_t>(kept, bytes_out_);
  say("sent " + size_text(arrived) + ", received " + size_text(bytes_in_) + "; " +
      link_text(loop_.engine().link(), Engine::Clock::now()));
}

void Pipe::fail(const std::string& why) {
  output_.reset();
  loop_.fail(why);
}

int Pipe::finish() {
  const auto end = [](ExitStatus status, const std::string& text) {
    say(text);
    return static_cast<int>(status);
  };
  const Outcome& outcome = loop_.outcome();
  if (loop_.signal() != 0) return 128 + loop_.signal();
  if (outcome.pin) return static_cast<int>(outcome.status);  // see trust_after_asking()
  if (outcome.kind == Outcome::Kind::failed) return end(outcome.status, outcome.text);
  if (output_ended_ && outcome.kind == Outcome::Kind::done) return 0;
  if (!output_ended_) return end(ExitStatus::failed, "the other side left before it had sent everything");
  return end(ExitStatus::failed, input_ended_ ? outcome.text : "the other side left before it had everything");
}

}  // namespace parley::client

#include "cli-client/classic/loop.h"

#include <openssl/crypto.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "cli-client/base/poll_timeout.h"

namespace parley::client {
namespace {

constexpr std::chrono::seconds kLeaveTime{2};
constexpr std::size_t kReadBytes = std::size_t{16} * 1024;

}  // namespace

ChatLoop::ChatLoop(int socket, Signals& signals, ClassicConversation& conversation, Display& display)
    : socket_(socket), signals_(signals), conversation_(conversation), display_(&display) {}

ChatLoop::Wake ChatLoop::run_until_input() {
  for (;;) {
    while (show_next()) {
    }
    if (over()) return Wake::over;
    if (step(true, conversation_.leave_at())) return Wake::input;
  }
}

ChatLoop::Wake ChatLoop::run_until_line_wanted() {
  for (;;) {
    // One event at a time: what comes after the one that makes a line wanted is the caller's to show.
    const bool shown = show_next();
    if (over()) return Wake::over;
    if (conversation_.wants_line()) return Wake::line_wanted;
    if (!shown) step(false, conversation_.leave_at());
  }
}

void ChatLoop::leave() {
  const TimePoint deadline = Clock::now() + kLeaveTime;
  const auto goes_on = [&] { return !conversation_.connection_ended() && signal_ == 0 && Clock::now() < deadline; };
  while (goes_on() && !conversation_.all_sent() && !send_error_) step(false, deadline);
  ::shutdown(socket_, SHUT_WR);
  while (goes_on()) {
    step(false, deadline);
    while (show_next()) {
    }
  }
}

bool ChatLoop::over() const { return signal_ != 0 || display_closed_ || ending(); }

bool ChatLoop::show_next() {
  auto event = conversation_.next_event(Clock::now());
  if (!event) return false;
  if (event->kind == ClassicConversation::EventKind::message && !display_closed_) {
    if (event->first) display_->status("the other side is there");
    if (!display_->message(event->text)) display_closed_ = true;
  }
  OPENSSL_cleanse(event->text.data(), event->text.size());
  return true;
}

bool ChatLoop::step(bool for_input, std::optional<TimePoint> deadline) {
  conversation_.advance(Clock::now());
  tell_of_turns();
  if (const auto at = conversation_.next_outbound(); at && (!deadline || *at < *deadline)) deadline = at;
  const bool reads = conversation_.wants_bytes();
  const bool writes = !conversation_.outbound().empty() && !send_error_;
  const auto socket_events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
  std::array<pollfd, 4> fds{
      {{conversation_.connection_ended() ? -1 : socket_, socket_events, 0},
       {signals_.fd(), POLLIN, 0},
       {for_input ? STDIN_FILENO : -1, POLLIN, 0},
       {STDOUT_FILENO, 0, 0}}};  // only for its end: the reader of a pipe, or the terminal, is gone
  if (::poll(fds.data(), fds.size(), poll_timeout(deadline, Clock::now())) <= 0) return false;
  if (fds[0].revents & POLLOUT) send();
  if (fds[0].revents & (POLLIN | POLLERR | POLLHUP)) receive();
  if (fds[1].revents) take_signals();
  if (fds[3].revents) display_closed_ = true;
  return fds[2].revents != 0;
}

void ChatLoop::receive() {
  std::array<std::byte, kReadBytes> bytes;
  const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (count > 0) {
    conversation_.receive(std::span(bytes).first(static_cast<std::size_t>(count)), Clock::now());
  } else if (count == 0) {
    // The kernel reports a reset once; when sending met it, reading only sees an end.
    conversation_.receive_end(send_error_, Clock::now());
  } else if (errno != EAGAIN && errno != EINTR) {
    conversation_.receive_end(std::error_code(errno, std::generic_category()), Clock::now());
  }
}

void ChatLoop::send() {
  const auto bytes = conversation_.outbound();
  const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) {
    conversation_.sent(static_cast<std::size_t>(count), Clock::now());
  } else if (errno != EAGAIN && errno != EINTR) {
    // What came before may still be read; that ends the conversation.
    send_error_ = std::error_code(errno, std::generic_category());
  }
}

void ChatLoop::tell_of_turns() {
  if (!conversation_.waits_for_answer() || std::exchange(told_of_turns_, true)) return;
  display_->status(
      "this relay's key is as short as the original's, which takes turns: what is said next goes out when the "
      "other side has written (--pace never does not wait)");
}

void ChatLoop::take_signals() {
  while (const auto number = signals_.next()) {
    if (Signals::ends(*number)) {
      signal_ = *number;
    } else {
      display_->signal(*number);
    }
  }
}

}  // namespace parley::client

#include "cli-client/http/pages.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace parley::client {
namespace {

// When there are no descriptors left, which may last.
constexpr std::chrono::seconds kAcceptPause{1};
// A client that goes on sending behind its request is cut off.
constexpr std::size_t kMostBehind = std::size_t{64} * 1024;

bool is_not_yet(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

std::vector<pollfd> Pages::wanted() const {
  std::vector<pollfd> fds;
  if (!accepts_at_) fds.push_back({listener_.get(), POLLIN, 0});
  for (const Client& client : clients_) {
    fds.push_back({client.socket.get(), static_cast<short>(client.answer.empty() ? POLLIN : POLLOUT), 0});
  }
  return fds;
}

std::optional<TimePoint> Pages::deadline() const {
  std::optional<TimePoint> first = accepts_at_;
  if (!clients_.empty() && (!first || clients_.front().ends_at < *first)) first = clients_.front().ends_at;
  return first;
}

void Pages::advance(TimePoint now) {
  std::erase_if(clients_, [&](Client& client) { return now >= client.ends_at || !serve(client); });
  if (accepts_at_ && now >= *accepts_at_) accepts_at_.reset();
  if (!accepts_at_) accept_clients(now);
}

// As many as may be there at once; who is behind them has the next call.
void Pages::accept_clients(TimePoint now) {
  for (std::size_t left = kMostClients; left > 0; --left) {
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.valid()) {
      if (!is_not_yet(errno) && errno != ECONNABORTED) accepts_at_ = now + kAcceptPause;
      return;
    }
    if (clients_.size() >= kMostClients) clients_.pop_front();
    clients_.push_back({.socket = std::move(socket), .ends_at = now + kTime, .received = {}, .answer = {}});
    if (!serve(clients_.back())) clients_.pop_back();
  }
}

// False when it is over.
bool Pages::serve(Client& client) const { return read_request(client) && write_answer(client) && await_end(client); }

bool Pages::read_request(Client& client) const {
  while (!client.answered) {
    std::array<char, 4096> bytes;
    const ssize_t count = ::recv(client.socket.get(), bytes.data(), bytes.size(), 0);
    if (count < 0) return is_not_yet(errno);
    if (count == 0) return false;
    client.received.append(bytes.data(), static_cast<std::size_t>(count));
    if (auto answer = answer_to(client.received, find_)) {
      client.answer = std::move(*answer);
      client.answered = true;
    }
  }
  return true;
}

bool Pages::write_answer(Client& client) {
  if (!client.answered) return true;
  while (!client.answer.empty()) {
    const ssize_t count = ::send(client.socket.get(), client.answer.data(), client.answer.size(), MSG_NOSIGNAL);
    if (count < 0) return is_not_yet(errno);
    client.answer.erase(0, static_cast<std::size_t>(count));
    if (client.answer.empty()) (void)::shutdown(client.socket.get(), SHUT_WR);
  }
  return true;
}

// Closing before the client does would reset the connection, and the answer might be lost with it.
bool Pages::await_end(Client& client) {
  if (!client.answered || !client.answer.empty()) return true;
  for (;;) {
    std::array<char, 4096> bytes;
    const ssize_t count = ::recv(client.socket.get(), bytes.data(), bytes.size(), 0);
    if (count < 0) return is_not_yet(errno);
    client.more += static_cast<std::size_t>(count);
    if (count == 0 || client.more > kMostBehind) return false;
  }
}

}  // namespace parley::client

#include "admin-api/client_socket.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "service/settings/settings.h"

namespace parley {

ClientSocket::ClientSocket(int fd, ConnectionSlots& slots, const HttpLimits& limits)
    : fd_(fd), slots_(slots), limits_(limits) {
  slots_.end_wait(fd_);
}

ClientSocket::~ClientSocket() {
  slots_.release(fd_);
  ::close(fd_);
}

bool ClientSocket::await_request() {
  deadline_ = Clock::now() + limits_.idle;
  if (begin_ == end_ && !fill()) return false;
  deadline_ = Clock::now() + limits_.head;
  writing_ = false;
  return true;
}

std::optional<std::string> ClientSocket::read_head() {
  std::string head;
  while (head.size() < limits_.head_bytes) {
    if (begin_ == end_ && !fill()) return std::nullopt;
    const char next = buffer_[begin_++];
    const bool bare = next == '\n' && !head.ends_with('\r');
    head.push_back(next);
    if (bare || head.ends_with("\r\n\r\n")) return head;
  }
  if (head.find('\n') == head.npos) return std::nullopt;
  return head;
}

std::optional<std::string> ClientSocket::read_body(std::size_t bytes) {
  std::string body;
  while (body.size() < bytes) {
    if (begin_ == end_ && !fill()) return std::nullopt;
    const std::size_t count = std::min(bytes - body.size(), end_ - begin_);
    body.append(buffer_.data() + begin_, count);
    begin_ += count;
  }
  writing_ = false;  // what has been said meanwhile was not the answer
  return body;
}

std::string ClientSocket::peer() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  ucred process{};
  socklen_t size = sizeof process;
  int domain = 0;
  socklen_t domain_size = sizeof domain;
  if (::getsockopt(fd_, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) == 0 && domain == AF_UNIX &&
      ::getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &process, &size) == 0)
    return "uid " + std::to_string(process.uid);
  if (::getpeername(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "unknown";
  return to_string(Endpoint{host, static_cast<std::uint16_t>(std::stoul(port))});
}

ssize_t ClientSocket::write(const char* data, std::size_t size) {
  if (failed_) return -1;
  if (!writing_ || endless_) deadline_ = Clock::now() + limits_.response;
  writing_ = true;
  for (std::size_t done = 0; done < size;) {
    const ssize_t sent = ::send(fd_, data + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
    } else if (errno != EINTR && !((errno == EAGAIN || errno == EWOULDBLOCK) && wait_for(POLLOUT))) {
      failed_ = true;
      return -1;
    }
  }
  return static_cast<ssize_t>(size);
}

void ClientSocket::finish() {
  if (failed_) return;
  ::shutdown(fd_, SHUT_WR);
  deadline_ = Clock::now() + limits_.linger;
  std::size_t left = limits_.body_bytes;
  do {
    left -= std::min(left, end_ - begin_);
    begin_ = end_;
  } while (left > 0 && fill());
}

// False at the end of what the client sends, and on a failure.
bool ClientSocket::fill() {
  while (!failed_) {
    const ssize_t count = ::recv(fd_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count == 0) return false;
    if (count > 0) {
      begin_ = 0;
      end_ = static_cast<std::size_t>(count);
      return true;
    }
    if (errno != EINTR && !((errno == EAGAIN || errno == EWOULDBLOCK) && wait_for(POLLIN))) failed_ = true;
  }
  return false;
}

// False when the deadline has passed.
bool ClientSocket::wait_for(short events) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
  if (left.count() <= 0) return false;
  pollfd entry{.fd = fd_, .events = events, .revents = 0};
  slots_.begin_wait(fd_);
  const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
  slots_.end_wait(fd_);
  return ready > 0 || (ready < 0 && errno == EINTR);
}

}  // namespace parley

#include "admin-api/http/client_socket.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "service/settings/settings.h"

namespace parley {

namespace {

// After a call of the system's has failed: what to wait for, or nothing when it is of no use.
short wait_after_failure(short what) {
  return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK ? what : short{0};
}

}  // namespace

ClientSocket::ClientSocket(int fd, ConnectionSlots& slots, const HttpLimits& limits, SSL_CTX* tls)
    : fd_(fd), slots_(slots), limits_(limits) {
  slots_.end_wait(fd_);
  if (tls == nullptr) return;
  tls_.reset(SSL_new(tls));
  failed_ = tls_ == nullptr || SSL_set_fd(tls_.get(), fd_) != 1;
}

ClientSocket::~ClientSocket() {
  slots_.release(fd_);
  ::close(fd_);
}

ClientSocket::Greeting ClientSocket::greet() {
  if (tls_ == nullptr) return failed_ ? Greeting::failed : Greeting::done;
  deadline_ = Clock::now() + limits_.head;
  if (!begins_tls()) {
    tls_.reset();
    return failed_ ? Greeting::failed : Greeting::not_tls;
  }
  while (!failed_) {
    ERR_clear_error();
    const int result = SSL_accept(tls_.get());
    if (result == 1) return Greeting::done;
    const Step step = after_tls(result, 0);
    if (step.wait_for == 0 || !wait_for(step.wait_for)) failed_ = true;
  }
  return Greeting::failed;
}

bool ClientSocket::begins_tls() {
  constexpr char kHandshake = 22;  // RFC 8446 section 5.1
  for (;;) {
    char first = 0;
    const ssize_t count = ::recv(fd_, &first, 1, MSG_PEEK);
    if (count > 0) return first == kHandshake;
    const short wanted = count < 0 ? wait_after_failure(POLLIN) : short{0};
    if (wanted == 0 || !wait_for(wanted)) {
      failed_ = true;
      return false;
    }
  }
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
    const Step step = send(data + done, size - done);
    done += step.bytes;
    if (step.bytes > 0 || (step.wait_for != 0 && wait_for(step.wait_for))) continue;
    failed_ = true;
    return -1;
  }
  return static_cast<ssize_t>(size);
}

void ClientSocket::finish() {
  if (failed_) return;
  if (tls_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(tls_.get());  // says so; a client that takes nothing any more is not waited for
  }
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
    const Step step = receive(buffer_.data(), buffer_.size());
    if (step.ended) return false;
    if (step.bytes > 0) {
      begin_ = 0;
      end_ = step.bytes;
      return true;
    }
    if (step.wait_for == 0 || !wait_for(step.wait_for)) failed_ = true;
  }
  return false;
}

ClientSocket::Step ClientSocket::receive(char* data, std::size_t size) {
  if (tls_ != nullptr) {
    std::size_t bytes = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(tls_.get(), data, size, &bytes);
    return after_tls(result, bytes);
  }
  const ssize_t count = ::recv(fd_, data, size, 0);
  if (count < 0) return {.wait_for = wait_after_failure(POLLIN)};
  return {.bytes = static_cast<std::size_t>(count), .ended = count == 0};
}

ClientSocket::Step ClientSocket::send(const char* data, std::size_t size) {
  if (tls_ != nullptr) {
    std::size_t bytes = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(tls_.get(), data, size, &bytes);
    return after_tls(result, bytes);
  }
  const ssize_t count = ::send(fd_, data, size, MSG_NOSIGNAL);
  if (count < 0) return {.wait_for = wait_after_failure(POLLOUT)};
  return {.bytes = static_cast<std::size_t>(count)};
}

ClientSocket::Step ClientSocket::after_tls(int result, std::size_t bytes) {
  if (result == 1) return {.bytes = bytes};
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.wait_for = POLLIN};
    case SSL_ERROR_WANT_WRITE:
      return {.wait_for = POLLOUT};
    case SSL_ERROR_ZERO_RETURN:
      return {.ended = true};
    default:
      // Nothing may be said on it any more, not even that it ends.
      failed_ = true;
      return {};
  }
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

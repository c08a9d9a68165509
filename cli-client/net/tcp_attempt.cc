#include "cli-client/net/tcp_attempt.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/errno_text.h"

namespace parley::client {
namespace {

void set_options(int fd) {
  const auto set = [fd](int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  // A relay that is gone without a word is noticed in two minutes also when nobody writes.
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
  // What waits to be sent waits here, not in the kernel, where a PING could not overtake megabytes.
  set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, 128 * 1024);
}

int socket_error(int socket) {
  int error = 0;
  socklen_t bytes = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 ? error : errno;
}

}  // namespace

TcpAttempt::TcpAttempt(const Address& address)
    : address_(address), socket_(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (socket_.get() < 0) {
    error_ = errno;
    return;
  }
  set_options(socket_.get());
  const int result = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.bytes);
  if (result != 0 && errno != EINPROGRESS) error_ = errno;
}

std::optional<int> TcpAttempt::advance(short events) {
  if (error_ != 0) return error_;
  if (events != 0) return socket_error(socket_.get());
  return std::nullopt;
}

ConnectionFault TcpAttempt::fault(int error) const {
  return {ConnectionFault::Kind::unreachable, address_.text() + ": " + errno_text(error), {}, error};
}

}  // namespace parley::client

#include "admin-api/http/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>

#include "base/descriptor.h"
#include "base/errno_text.h"

namespace parley {

namespace {

constexpr int kBacklog = 128;

[[noreturn]] void fail(const Endpoint& endpoint, int error) {
  const std::string_view scarce = remedy_of_scarcity(error);
  const std::string_view remedy = !scarce.empty()       ? scarce
                                  : error == EADDRINUSE ? "stop what uses it, or choose another with --admin-listen"
                                  : unix_path(endpoint)
                                      ? "give a path in a folder that parleyd may write to, with --admin-listen"
                                  : error == EADDRNOTAVAIL ? "choose an address of this machine with --admin-listen"
                                  : error == EACCES        ? "choose a port above 1023 with --admin-listen"
                                                           : "choose another address with --admin-listen";
  throw std::runtime_error("admin listener " + to_string(endpoint) + ": " + errno_text(error) + "; " +
                           std::string(remedy));
}

using AddressInfo = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

AddressInfo resolve(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(endpoint.address.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found) != 0) {
    fail(endpoint, EADDRNOTAVAIL);
  }
  return {found, &freeaddrinfo};
}

Endpoint bound_endpoint(int fd, const Endpoint& asked) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  char port[NI_MAXSERV];
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      getnameinfo(reinterpret_cast<sockaddr*>(&address), length, nullptr, 0, port, sizeof port, NI_NUMERICSERV) != 0) {
    return asked;
  }
  return {asked.address, static_cast<std::uint16_t>(std::stoul(port))};
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  return address;
}

// Whether a socket lies there, and nobody listens at it.
bool is_left_over(const std::string& path, const sockaddr_un& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return false;
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe.valid() && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

ListenSocket listen_at_path(const Endpoint& endpoint, const std::string& path) {
  constexpr mode_t kOwnerAndGroup = 0660;
  const sockaddr_un address = address_of(path);
  if (is_left_over(path, address)) ::unlink(path.c_str());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) fail(endpoint, errno);
  // Nobody may connect before listen(), so its permissions are right by then.
  struct stat made{};
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), kOwnerAndGroup) != 0 || ::lstat(path.c_str(), &made) != 0 ||
      ::listen(socket.get(), kBacklog) != 0)
    fail(endpoint, errno);
  return {.fd = socket.release(), .bound = endpoint, .inode = made.st_ino};
}

}  // namespace

void close_listener(const ListenSocket& socket) {
  struct stat found{};
  const auto path = unix_path(socket.bound);
  if (path && ::lstat(path->c_str(), &found) == 0 && found.st_ino == socket.inode) ::unlink(path->c_str());
  ::close(socket.fd);
}

ListenSocket listen_on(const Endpoint& endpoint) {
  if (const auto path = unix_path(endpoint)) return listen_at_path(endpoint, *path);
  const AddressInfo info = resolve(endpoint);
  const int fd = ::socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail(endpoint, errno);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // "[::]" is all of IPv6 and no more, whatever the system's default, so that "0.0.0.0" can stand beside it.
  if (info->ai_family == AF_INET6 &&
      !IN6_IS_ADDR_V4MAPPED(&reinterpret_cast<const sockaddr_in6*>(info->ai_addr)->sin6_addr)) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(fd, info->ai_addr, info->ai_addrlen) != 0 || ::listen(fd, kBacklog) != 0) {
    const int error = errno;
    ::close(fd);
    fail(endpoint, error);
  }
  return {.fd = fd, .bound = bound_endpoint(fd, endpoint)};
}

}  // namespace parley

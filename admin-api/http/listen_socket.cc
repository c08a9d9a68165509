#include "admin-api/http/listen_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "base/errno_text.h"
#include "base/net/listen.h"

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
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) fail(endpoint, errno);
  // Nobody may connect before listen(), so its permissions are right by then.
  struct stat made{};
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), kOwnerAndGroup) != 0 || ::lstat(path.c_str(), &made) != 0 ||
      ::listen(socket.get(), kBacklog) != 0)
    fail(endpoint, errno);
  return {.socket = std::move(socket), .bound = endpoint, .inode = made.st_ino};
}

}  // namespace

void remove_file(const ListenSocket& socket) {
  struct stat found{};
  const auto path = unix_path(socket.bound);
  if (path && ::lstat(path->c_str(), &found) == 0 && found.st_ino == socket.inode) ::unlink(path->c_str());
}

ListenSocket listen_on(const Endpoint& endpoint) {
  if (const auto path = unix_path(endpoint)) return listen_at_path(endpoint, *path);
  auto socket = listen_tcp(endpoint.address, endpoint.port);
  if (!socket) fail(endpoint, socket.error());
  const Endpoint bound{endpoint.address, bound_port(socket->get())};
  return {.socket = std::move(*socket), .bound = bound};
}

}  // namespace parley

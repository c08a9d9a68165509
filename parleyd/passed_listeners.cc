#include "parleyd/passed_listeners.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/errno_text.h"
#include "base/net/listen.h"
#include "service/config/one_line.h"
#include "service/net/address.h"

namespace parley {
namespace {

constexpr const char* kCount = "LISTEN_FDS";
constexpr const char* kProcess = "LISTEN_PID";
constexpr const char* kNames = "LISTEN_FDNAMES";

std::optional<std::string> given(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int whole_number(const char* name, const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0)
    throw std::runtime_error(
        std::string(name) + "=" + config::one_line(text) +
        ": not a number above 0; let the supervisor set it, as sd_listen_fds(3) says, or unset it");
  return value;
}

std::vector<std::string> names_in(const std::string& names) {
  std::vector<std::string> all{""};
  for (const char c : names) {
    if (c == ':') {
      all.emplace_back();
    } else {
      all.back() += c;
    }
  }
  return all;
}

int option(int socket, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return ::getsockopt(socket, level, name, &value, &length) == 0 ? value : -1;
}

// How a message begins.
std::string described(int socket, const std::string& name) {
  return "the descriptor " + std::to_string(socket) + ", passed as " + config::one_line(name) + ", ";
}

Endpoint bound_to(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  if (address.ss_family == AF_UNIX) {
    // Empty for one without a path, whose name begins with a zero.
    return {std::string(kUnixPrefix) + static_cast<const char*>(reinterpret_cast<sockaddr_un&>(address).sun_path)};
  }
  Endpoint bound = to_endpoint(address);
  if (bound.address == "::" && option(socket, IPPROTO_IPV6, IPV6_V6ONLY) == 0) bound.address = kEveryAddress;
  return bound;
}

// Its permissions stand for the token; systemd lets everybody in unless it is told otherwise.
void check_permissions(const std::string& path, const std::string& what) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0)
    throw std::runtime_error(what + "is a Unix socket without a file that could be looked at: " + errno_text());
  if ((found.st_mode & S_IWOTH) != 0)
    throw std::runtime_error(what + "is " + path +
                             ", which everybody may connect to and needs no token: SocketMode=0660 in its socket unit");
}

PassedListener take(int descriptor, const std::string& name) {
  PassedListener taken{Descriptor(descriptor), {}};
  const std::string what = described(descriptor, name);
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0) {
    taken.socket.release();
    throw std::runtime_error(what + "is not open; " + kCount + " says too many");
  }
  const int domain = option(descriptor, SOL_SOCKET, SO_DOMAIN);
  const bool may_be = domain == AF_INET || domain == AF_INET6 || (domain == AF_UNIX && name == "admin");
  if (!may_be || option(descriptor, SOL_SOCKET, SO_TYPE) != SOCK_STREAM ||
      option(descriptor, SOL_SOCKET, SO_ACCEPTCONN) != 1)
    throw std::runtime_error(what + "is no TCP socket that listens; ListenStream= and Accept=no in its socket unit");
  taken.bound = bound_to(descriptor);
  if (const auto path = unix_path(taken.bound)) check_permissions(*path, what);
  ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return taken;
}

std::vector<Endpoint> addresses(const std::vector<PassedListener>& passed) {
  std::vector<Endpoint> all;
  for (const PassedListener& one : passed) all.push_back(one.bound);
  return all;
}

}  // namespace

PassedListeners PassedListeners::of_environment(int first) {
  const auto count = given(kCount);
  const auto process = given(kProcess);
  const auto names = given(kNames);
  for (const char* const name : {kCount, kProcess, kNames}) ::unsetenv(name);
  PassedListeners passed;
  if (!count || !process || whole_number(kProcess, *process) != ::getpid()) return passed;
  const int many = whole_number(kCount, *count);
  const std::vector<std::string> named = names ? names_in(*names) : std::vector<std::string>{};
  if (names && named.size() != static_cast<std::size_t>(many))
    throw std::runtime_error(std::string(kCount) + " is " + std::to_string(many) + ", and " + kNames + " has " +
                             std::to_string(named.size()) + " names; let the supervisor set both");
  for (int i = 0; i < many; ++i) {
    const std::string name = names ? named[static_cast<std::size_t>(i)] : "unknown";
    std::vector<PassedListener>* const place = name == "classic" ? &passed.classic
                                               : name == "relay" ? &passed.relay
                                               : name == "admin" ? &passed.admin
                                                                 : nullptr;
    if (place == nullptr)
      throw std::runtime_error(described(first + i, name) +
                               "is nothing known; FileDescriptorName= classic, relay or admin in its socket unit");
    place->push_back(take(first + i, name));
  }
  return passed;
}

ServiceSettings PassedListeners::in_place_of(ServiceSettings settings) const {
  if (!classic.empty()) settings.classic_listen = addresses(classic);
  if (relay.empty()) return settings;
  if (settings.relay.certificate.empty() && settings.relay.self_signed.empty())
    throw std::runtime_error(
        "a socket was passed for relay/1, and there is no certificate; give --cert and --key, or --self-signed DIR");
  settings.relay_listen = addresses(relay);
  settings.relay_without_certificate = false;
  return settings;
}

}  // namespace parley

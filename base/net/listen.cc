#include "base/net/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace parley {

namespace {

using AddressInfo = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressInfo numeric(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) found = nullptr;
  return {found, &::freeaddrinfo};
}

void set_option(int socket, int level, int name, int value) {
  (void)::setsockopt(socket, level, name, &value, sizeof value);
}

bool is_mapped(const addrinfo& info) {
  return IN6_IS_ADDR_V4MAPPED(&reinterpret_cast<const sockaddr_in6*>(info.ai_addr)->sin6_addr);
}

tl::expected<Descriptor, int> listen_at(const std::string& address, std::uint16_t port, Sharing sharing, bool v6_only) {
  const AddressInfo info = numeric(address, port);
  if (info == nullptr) return tl::unexpected(EADDRNOTAVAIL);
  Descriptor socket(::socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return tl::unexpected(errno);
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (sharing == Sharing::shared) set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (info->ai_family == AF_INET6) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, v6_only && !is_mapped(*info));
  if (::bind(socket.get(), info->ai_addr, info->ai_addrlen) != 0 || ::listen(socket.get(), SOMAXCONN) != 0)
    return tl::unexpected(errno);
  return socket;
}

}  // namespace

tl::expected<Descriptor, int> listen_tcp(std::string_view address, std::uint16_t port, Sharing sharing) {
  if (address != kEveryAddress) return listen_at(std::string(address), port, sharing, true);
  auto both = listen_at("::", port, sharing, false);
  // IPv6 is not there, or switched off (net.ipv6.conf.all.disable_ipv6).
  if (!both && (both.error() == EAFNOSUPPORT || both.error() == EADDRNOTAVAIL))
    return listen_at("0.0.0.0", port, sharing, true);
  return both;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

}  // namespace parley

#include "cli-client/http/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "base/errno_text.h"

namespace parley::client {
namespace {

constexpr int kBacklog = 64;
constexpr const char* kHow = "write PORT, for 127.0.0.1, or ADDRESS:PORT, as 0.0.0.0:9100 or [::]:9100 for all";

std::string explained(int error) {
  const std::string_view scarce = remedy_of_scarcity(error);
  const std::string_view remedy = !scarce.empty()          ? scarce
                                  : error == EADDRINUSE    ? "stop what uses it, or choose another with --metrics"
                                  : error == EADDRNOTAVAIL ? "choose an address of this machine with --metrics"
                                  : error == EACCES        ? "choose a port above 1023 with --metrics"
                                                           : "choose another address with --metrics";
  return errno_text(error) + "; " + std::string(remedy);
}

}  // namespace

tl::expected<Endpoint, std::string> parse_listen_address(std::string_view text) {
  const bool is_port = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  auto endpoint = parse_endpoint(is_port ? "127.0.0.1:" + std::string(text) : std::string(text), 0);
  if (endpoint && endpoint->port != 0 && endpoint->is_address()) return endpoint;
  const std::string why = !is_port || endpoint ? "" : endpoint.error() + "; ";
  return tl::unexpected("\"" + std::string(text) + "\": " + why + kHow);
}

tl::expected<Descriptor, std::string> listen_at(const Endpoint& at) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(at.host.c_str(), std::to_string(at.port).c_str(), &hints, &found) != 0) {
    return tl::unexpected(explained(EADDRNOTAVAIL));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address(found, &::freeaddrinfo);
  Descriptor socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return tl::unexpected(explained(errno));
  const int on = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // "[::]" is all of IPv6 and no more, so that "0.0.0.0" can stand beside it.
  if (address->ai_family == AF_INET6) (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(socket.get(), address->ai_addr, address->ai_addrlen) != 0 || ::listen(socket.get(), kBacklog) != 0) {
    return tl::unexpected(explained(errno));
  }
  return socket;
}

}  // namespace parley::client

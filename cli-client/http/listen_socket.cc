#include "cli-client/http/listen_socket.h"

#include <utility>

#include "base/errno_text.h"
#include "base/net/listen.h"

namespace parley::client {
namespace {

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
  auto socket = listen_tcp(at.host, at.port);
  if (!socket) return tl::unexpected(explained(socket.error()));
  return std::move(*socket);
}

}  // namespace parley::client

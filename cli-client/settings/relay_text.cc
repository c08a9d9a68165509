#include "cli-client/settings/relay_text.h"

#include <string_view>

#include "cli-client/base/escape.h"

namespace parley::client {
namespace {

// What is left of a web address, or of a user's name in front, when all but the relay is taken away.
std::string_view host_and_port(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme != text.npos) text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  if (const auto at = text.rfind('@'); at != text.npos) text.remove_prefix(at + 1);
  return text;
}

}  // namespace

tl::expected<Endpoint, std::string> read_relay_text(const std::string& text, std::uint16_t default_port) {
  if (text.starts_with("parley://"))
    return tl::unexpected(std::string("that is an invite; give the host that it names"));
  auto endpoint = parse_endpoint(text, default_port);
  if (endpoint) return endpoint;
  const std::string bad = "bad relay \"" + escape(text) + "\": ";
  const std::string_view alone = host_and_port(text);
  const bool is_address = text.find("://") != text.npos || text.find('@') != text.npos || text.ends_with('/');
  if (is_address && parse_endpoint(alone, default_port)) {
    return tl::unexpected(bad + "a relay is a host, not an address of the web or a mail; write " + escape(alone));
  }
  return tl::unexpected(bad + endpoint.error() + "; write HOST, HOST:PORT or [IPV6]:PORT");
}

}  // namespace parley::client

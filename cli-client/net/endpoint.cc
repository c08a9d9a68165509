#include "cli-client/net/endpoint.h"

#include <charconv>
#include <optional>

namespace parley::client {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

}  // namespace

std::string Endpoint::text() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

tl::expected<Endpoint, std::string> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return tl::unexpected(std::string("there is no ']' after the IPv6 address"));
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty()) {
      if (rest.front() != ':') return tl::unexpected(std::string("only :PORT may follow ']'"));
      port = rest.substr(1);
    }
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos && text.rfind(':') == colon) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }

  if (host.empty()) return tl::unexpected(std::string("the host is missing"));
  Endpoint endpoint{std::string(host), default_port};
  if (port) {
    const auto number = parse_port(*port);
    if (!number) return tl::unexpected(std::string("the port must be a number from 1 to 65535"));
    endpoint.port = *number;
  }
  return endpoint;
}

}  // namespace parley::client

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parley::client {

// Where a relay listens: a name or an address, and a port.
struct Endpoint {
  std::string host;  // an IPv6 address is without its brackets
  std::uint16_t port = 0;

  // HOST:PORT, with brackets round an IPv6 address.
  std::string text() const;
};

// Reads HOST, HOST:PORT, [IPV6] or [IPV6]:PORT; an IPv6 address without brackets has no port.
// The error says what is wrong, for the user to read.
tl::expected<Endpoint, std::string> parse_endpoint(std::string_view text, std::uint16_t default_port);

}  // namespace parley::client

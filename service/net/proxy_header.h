#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <tl/expected.hpp>

namespace parley {

// What a proxy says, ahead of everything else, of the connection that it passes on: the PROXY protocol, versions 1 and
// 2 (haproxy's doc/proxy-protocol.txt, sections 2.1 and 2.2).
struct ProxyHeader {
  std::size_t bytes = 0;  // its length: what follows is the client's
  // The client's address. none: of the proxy's own making, a health check for one, or of a kind that has no IP address.
  std::optional<sockaddr_storage> client;
};

// Version 1 is a line: PROXY TCP4|TCP6 source destination source-port destination-port, or PROXY UNKNOWN and anything.
constexpr std::size_t kMaxProxyLineBytes = 107;  // with its CR LF
// Version 2: signature (12 bytes), version and command (1), family and transport (1), length of the rest (2,
// big-endian), then addresses, and what else the proxy says, which is skipped.
constexpr std::size_t kProxyBlockHeaderBytes = 12 + 1 + 1 + 2;
// Ours, not the specification's, whose most is 65,535: a UNIX address takes 216, what else is in use 100 to 300.
constexpr std::size_t kMaxProxyBlockRestBytes = 536;
constexpr std::size_t kMaxProxyHeaderBytes = kProxyBlockHeaderBytes + kMaxProxyBlockRestBytes;

// Reads the header at the front of a connection. nullopt: what is there is the beginning of one. Otherwise why it is
// none, as soon as that is known: then the connection must be closed.
tl::expected<std::optional<ProxyHeader>, std::string_view> parse_proxy_header(std::span<const std::byte> front);

}  // namespace parley

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parley::client {

// Where a relay listens: a name or an address, and a port. Made by make_endpoint() or parse_endpoint(), it has one form
// however it was written, so that a relay is known again, and others derive their own from that: here, and nowhere
// else.
struct Endpoint {
  // For invites and known relays: lower case, an internationalized name as A-labels, without a full stop at the end; an
  // address in its shortest form, IPv6 without brackets, with its zone if it has one.
  std::string host;
  std::uint16_t port = 0;
  bool absolute = false;  // the name was written with a full stop at the end: no search list

  bool is_address() const;
  // For the system's resolver.
  std::string dns_name() const { return absolute ? host + "." : host; }
  // What its certificate has to be for: a name (RFC 6066 section 3: without a full stop) or an address without a zone,
  // which only this machine knows.
  std::string tls_name() const { return host.substr(0, host.find('%')); }
  // HOST:PORT, with brackets round an IPv6 address.
  std::string text() const;
};

// `host` is in UTF-8. The error says what is wrong with it, for the user to read.
tl::expected<Endpoint, std::string> make_endpoint(std::string_view host, std::uint16_t port);

// Reads HOST, HOST:PORT, [IPV6] or [IPV6]:PORT; an IPv6 address without brackets has no port.
// The error says what is wrong, for the user to read.
tl::expected<Endpoint, std::string> parse_endpoint(std::string_view text, std::uint16_t default_port);

}  // namespace parley::client

#include "cli-client/net/endpoint.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "base/ascii.h"

namespace parley::client {
namespace {

// RFC 1035 section 2.3.4, without the full stop at the end.
constexpr std::size_t kMaxNameBytes = 253;
constexpr std::size_t kMaxLabelBytes = 63;

using Wrong = tl::unexpected<std::string>;

template <class Binary>
std::string address_text(int family, const Binary& binary) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(family, &binary, text, sizeof text);
  return text;
}

tl::expected<std::string, std::string> ipv6_form(std::string_view host) {
  const auto percent = host.find('%');
  in6_addr binary{};
  if (::inet_pton(AF_INET6, std::string(host.substr(0, percent)).c_str(), &binary) != 1) {
    return Wrong("that is no IPv6 address");
  }
  if (percent == std::string_view::npos) return address_text(AF_INET6, binary);
  const std::string_view zone = host.substr(percent);
  if (zone.size() == 1 || !std::ranges::all_of(zone, [](char c) { return c > ' ' && c < '\x7f'; })) {
    return Wrong("the zone behind % must be an interface's name");
  }
  return address_text(AF_INET6, binary).append(zone);
}

// As inet_aton(3) has it, and so the resolver: 127.1 is one, too.
std::optional<std::string> ipv4_form(const std::string& host) {
  in_addr binary{};
  if (host.find_first_not_of("0123456789abcdefx.") != std::string::npos) return std::nullopt;
  if (::inet_aton(host.c_str(), &binary) == 0) return std::nullopt;
  return address_text(AF_INET, binary);
}

// An internationalized name as A-labels, in lower case (RFC 5891, mapped as UTS 46 has it, which is what browsers do).
tl::expected<std::string, std::string> to_a_labels(const std::string& name) {
  char* labels = nullptr;
  const int result = ::idn2_to_ascii_8z(name.c_str(), &labels, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, decltype(&::idn2_free)> owner(labels, [](void* text) { ::idn2_free(text); });
  if (result == IDN2_OK) return std::string(labels);
  if (result == IDN2_ENCODING_ERROR) return Wrong("the host's name is not in UTF-8");
  return Wrong("no internationalized name can be that: " + std::string(::idn2_strerror(result)));
}

// Of a name in lower case.
tl::expected<void, std::string> check_name(std::string_view name) {
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") != std::string_view::npos) {
    return Wrong("a host's name is of letters, digits, hyphens and full stops");
  }
  if (name.size() > kMaxNameBytes) return Wrong("a host's name has at most 253 characters");
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    if (end == at) return Wrong("a part of the host's name is empty");
    if (end - at > kMaxLabelBytes) return Wrong("a part of the host's name is longer than 63 characters");
    at = end + 1;
  }
  return {};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

}  // namespace

bool Endpoint::is_address() const {
  in_addr any{};
  return host.find(':') != std::string::npos || ::inet_pton(AF_INET, host.c_str(), &any) == 1;
}

tl::expected<Endpoint, std::string> make_endpoint(std::string_view host, std::uint16_t port) {
  Endpoint endpoint{{}, port};
  if (host.empty()) return Wrong("the host is missing");
  if (host.find(':') != std::string_view::npos) {
    auto address = ipv6_form(host);
    if (!address) return Wrong(std::move(address.error()));
    endpoint.host = std::move(*address);
    return endpoint;
  }
  std::string name(host);
  if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    auto labels = to_a_labels(name);
    if (!labels) return Wrong(std::move(labels.error()));
    name = std::move(*labels);
  }
  std::ranges::transform(name, name.begin(), to_lower);
  endpoint.absolute = name.ends_with('.');
  if (endpoint.absolute) name.pop_back();
  if (auto good = check_name(name); !good) return Wrong(std::move(good.error()));
  if (auto address = ipv4_form(name)) return Endpoint{std::move(*address), port};
  endpoint.host = std::move(name);
  return endpoint;
}

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

  const auto number = port ? parse_port(*port) : std::optional(default_port);
  if (!number) return tl::unexpected(std::string("the port must be a number from 1 to 65535"));
  if (text.starts_with('[') && host.find(':') == std::string_view::npos) {
    return tl::unexpected(std::string("only an IPv6 address belongs in brackets"));
  }
  return make_endpoint(host, *number);
}

}  // namespace parley::client

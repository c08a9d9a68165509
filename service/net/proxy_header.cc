#include "service/net/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/big_endian.h"

namespace parley {

namespace {

using namespace std::string_view_literals;
using Parsed = tl::expected<std::optional<ProxyHeader>, std::string_view>;

constexpr std::string_view kLineStart = "PROXY ";
constexpr std::string_view kBlockStart = "\r\n\r\n\0\r\nQUIT\n"sv;
static_assert(kBlockStart.size() == 12);

constexpr std::string_view kNoHeader = "no PROXY header";
constexpr std::string_view kBadLine = "a PROXY line that is malformed";
constexpr std::string_view kLongLine = "a PROXY line longer than 107 bytes";
constexpr std::string_view kBadBlock = "a PROXY header of version 2 that is malformed";
constexpr std::string_view kLongBlock = "a PROXY header of version 2 that is too long";

tl::unexpected<std::string_view> none(std::string_view why) { return tl::make_unexpected(why); }

std::string_view take_field(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return field;
}

// Decimal, without zeros in front.
std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return port;
}

// `address` in network byte order, 4 or 16 bytes by `family`.
sockaddr_storage socket_address(sa_family_t family, const void* address, std::uint16_t port) {
  sockaddr_storage storage{};
  if (family == AF_INET) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address, sizeof v4.sin_addr);
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address, sizeof v6.sin6_addr);
  }
  storage.ss_family = family;
  return storage;
}

std::optional<sockaddr_storage> address_of(sa_family_t family, std::string_view address, std::string_view port) {
  std::array<std::byte, sizeof(in6_addr)> binary{};
  const auto number = port_of(port);
  if (!number || address.find('\0') != std::string_view::npos ||
      ::inet_pton(family, std::string(address).c_str(), binary.data()) != 1)
    return std::nullopt;
  return socket_address(family, binary.data(), *number);
}

Parsed parse_line(std::string_view front) {
  front = front.substr(0, kMaxProxyLineBytes);
  const std::size_t line_feed = front.find('\n');
  if (line_feed == std::string_view::npos) {
    if (front.size() == kMaxProxyLineBytes) return none(kLongLine);
    return std::nullopt;
  }
  ProxyHeader header{line_feed + 1, std::nullopt};
  if (front[line_feed - 1] != '\r') return none(kBadLine);
  std::string_view rest = front.substr(kLineStart.size(), line_feed - 1 - kLineStart.size());
  const std::string_view kind = take_field(rest);
  if (kind == "UNKNOWN") return header;
  if (kind != "TCP4" && kind != "TCP6") return none(kBadLine);
  const sa_family_t family = kind == "TCP4" ? AF_INET : AF_INET6;
  const std::string_view source = take_field(rest);
  const std::string_view destination = take_field(rest);
  const std::string_view source_port = take_field(rest);
  header.client = address_of(family, source, source_port);
  // What is left is the destination's port, and must be nothing else.
  if (!header.client || !address_of(family, destination, rest)) return none(kBadLine);
  return header;
}

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(read_number(as_bytes(bytes.substr(at, 2))));
}

Parsed parse_block(std::string_view front) {
  constexpr std::size_t kVersionAndCommand = 12, kFamilyAndTransport = 13, kLength = 14;
  constexpr unsigned char kLocal = 0x20, kProxied = 0x21;  // version 2 in the upper half
  constexpr unsigned char kMostFamily = 3, kMostTransport = 2, kTcp4 = 0x11, kTcp6 = 0x21;
  constexpr std::size_t kPortBytes = 2;
  if (front.size() > kVersionAndCommand) {
    const auto command = static_cast<unsigned char>(front[kVersionAndCommand]);
    if (command != kLocal && command != kProxied) return none(kBadBlock);
  }
  if (front.size() < kProxyBlockHeaderBytes) return std::nullopt;
  const std::size_t length = number_at(front, kLength);
  if (length > kMaxProxyBlockRestBytes) return none(kLongBlock);
  ProxyHeader header{kProxyBlockHeaderBytes + length, std::nullopt};
  const auto kind = static_cast<unsigned char>(front[kFamilyAndTransport]);
  const bool local = static_cast<unsigned char>(front[kVersionAndCommand]) == kLocal;
  const bool has_address = !local && (kind == kTcp4 || kind == kTcp6);
  const std::size_t address_bytes = kind == kTcp4 ? sizeof(in_addr) : sizeof(in6_addr);
  if (!local && (kind >> 4U > kMostFamily || (kind & 15U) > kMostTransport)) return none(kBadBlock);
  if (has_address && length < 2 * (address_bytes + kPortBytes)) return none(kBadBlock);
  if (front.size() < header.bytes) return std::nullopt;
  if (has_address) {
    const std::size_t source_port = kProxyBlockHeaderBytes + 2 * address_bytes;
    header.client = socket_address(kind == kTcp4 ? AF_INET : AF_INET6, front.data() + kProxyBlockHeaderBytes,
                                   number_at(front, source_port));
  }
  return header;
}

}  // namespace

Parsed parse_proxy_header(std::span<const std::byte> front) {
  const std::string_view bytes(reinterpret_cast<const char*>(front.data()), front.size());
  if (bytes.starts_with(kLineStart)) return parse_line(bytes);
  if (bytes.starts_with(kBlockStart)) return parse_block(bytes);
  if (kLineStart.starts_with(bytes) || kBlockStart.starts_with(bytes)) return std::nullopt;
  return none(kNoHeader);
}

}  // namespace parley

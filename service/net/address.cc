#include "service/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace parley {

namespace {

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

constexpr std::size_t kMappedPrefixBytes = 12;  // ::ffff:0:0/96, RFC 4291 section 2.5.5.2
constexpr std::size_t kSubnetBytes = 8;

}  // namespace

Endpoint to_endpoint(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return {text_of(AF_INET, &v4.sin_addr), ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    return {text_of(AF_INET, v6.sin6_addr.s6_addr + kMappedPrefixBytes), ntohs(v6.sin6_port)};
  }
  return {text_of(AF_INET6, &v6.sin6_addr), ntohs(v6.sin6_port)};
}

std::string address_key(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    auto v6 = reinterpret_cast<const sockaddr_in6&>(address);
    if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      std::memset(v6.sin6_addr.s6_addr + kSubnetBytes, 0, sizeof v6.sin6_addr.s6_addr - kSubnetBytes);
      return text_of(AF_INET6, &v6.sin6_addr) + "/64";
    }
  }
  return to_endpoint(address).address;
}

}  // namespace parley

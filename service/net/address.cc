#include "service/net/address.h"

#include <netinet/in.h>

#include <algorithm>
#include <asio/ip/network_v6.hpp>

namespace parley {

namespace {

constexpr unsigned short kCustomerBits = 64;

}  // namespace

asio::ip::address to_address(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET)
    return asio::ip::address_v4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr));
  asio::ip::address_v6::bytes_type bytes{};
  std::ranges::copy(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr.s6_addr, bytes.begin());
  const asio::ip::address_v6 v6(bytes);
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6);
  return v6;
}

Endpoint to_endpoint(const sockaddr_storage& address) {
  // Both kinds have the port in one place.
  return {to_address(address).to_string(), ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port)};
}

std::string address_key(const sockaddr_storage& address) {
  const asio::ip::address of = to_address(address);
  if (of.is_v4()) return of.to_string();
  return asio::ip::network_v6(of.to_v6(), kCustomerBits).canonical().to_string();
}

}  // namespace parley

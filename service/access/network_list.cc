#include "service/access/network_list.h"

#include <algorithm>
#include <asio/ip/address.hpp>

#include "service/net/address.h"

namespace parley {

namespace {

constexpr unsigned kMappedBits = 96;

asio::ip::address_v6 mapped(const asio::ip::address& address) {
  return address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
}

asio::ip::network_v6 network_of(const asio::ip::address_v6& address, unsigned bits) {
  return asio::ip::network_v6(address, static_cast<unsigned short>(bits)).canonical();
}

}  // namespace

NetworkList::NetworkList(const std::vector<Network>& networks) {
  for (const Network& network : networks) {
    asio::error_code error;
    const auto address = asio::ip::make_address(network.address, error);
    if (error) continue;
    networks_.push_back(network_of(mapped(address), network.prefix_bits + (address.is_v4() ? kMappedBits : 0)));
  }
}

bool NetworkList::contains(const sockaddr_storage& address) const {
  if (networks_.empty()) return false;
  const asio::ip::address_v6 one = mapped(to_address(address));
  return std::ranges::any_of(networks_, [&](const asio::ip::network_v6& network) {
    return network_of(one, network.prefix_length()) == network;
  });
}

}  // namespace parley

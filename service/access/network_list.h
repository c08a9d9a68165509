#pragma once

#include <sys/socket.h>

#include <asio/ip/network_v6.hpp>
#include <vector>

#include "service/settings/settings.h"

namespace parley {

// Some networks, IPv4 and IPv6.
class NetworkList {
 public:
  NetworkList() = default;
  // Addresses that are not numeric ones are in no network.
  explicit NetworkList(const std::vector<Network>& networks);

  // IPv4 addresses that an IPv6 socket shows as ::ffff:a.b.c.d are in the IPv4 networks.
  bool contains(const sockaddr_storage& address) const;

 private:
  // IPv4 ones are mapped into ::ffff:0:0/96 (RFC 4291 section 2.5.5.2).
  std::vector<asio::ip::network_v6> networks_;
};

}  // namespace parley

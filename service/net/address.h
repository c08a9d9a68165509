#pragma once

#include <sys/socket.h>

#include <asio/ip/address.hpp>
#include <string>

#include "service/settings/settings.h"

namespace parley {

// IPv4 addresses that an IPv6 socket shows as ::ffff:a.b.c.d are given as IPv4.
asio::ip::address to_address(const sockaddr_storage& address);
Endpoint to_endpoint(const sockaddr_storage& address);

// What limits count by: the IPv4 address, or the /64 that an IPv6 address is in (one customer has at least that).
std::string address_key(const sockaddr_storage& address);

}  // namespace parley

#pragma once

#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "descriptor.h"
#include "endpoint.h"

namespace parley::client {

struct Address {
  sockaddr_storage storage;
  socklen_t bytes;

  // ADDRESS:PORT in numbers, with brackets round an IPv6 address.
  std::string text() const;
};

// All addresses of the endpoint, in the order to try them. Blocks as long as the system's resolver does.
// The error is for the user to read.
tl::expected<std::vector<Address>, std::string> resolve(const Endpoint& endpoint);

struct Connection {
  Descriptor socket;  // non-blocking, without Nagle's delay, with keep-alive
  Address address;
};

// Tries each address in turn, each for its share of `timeout` (nullopt: as long as the system does), until one
// takes the connection. The error names the endpoint, the cause and the remedy, for the user to read.
tl::expected<Connection, std::string> connect(const Endpoint& endpoint, const std::vector<Address>& addresses,
                                              std::optional<std::chrono::milliseconds> timeout);

}  // namespace parley::client

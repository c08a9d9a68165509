#pragma once

#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/descriptor.h"
#include "cli-client/net/endpoint.h"

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

// A non-blocking socket with a connection to the address under way (or made); the error is errno. See connect_error().
tl::expected<Descriptor, int> begin_connect(const Address& address);
// Once the socket can be written: 0, or the errno of why there is no connection.
int connect_error(int socket);

struct ConnectFailure {
  std::string address;
  int error;
};
// What happened and what to do, for the user to read.
std::string explain(const Endpoint& endpoint, const std::vector<ConnectFailure>& failures,
                    std::optional<std::chrono::milliseconds> timeout);

struct ClassicConnection {
  Descriptor socket;  // non-blocking, without Nagle's delay, with keep-alive
  Address address;
};

// Tries each address in turn, each for its share of `timeout` (nullopt: as long as the system does), until one
// takes the connection. The error names the endpoint, the cause and the remedy, for the user to read.
tl::expected<ClassicConnection, std::string> connect(const Endpoint& endpoint, const std::vector<Address>& addresses,
                                                     std::optional<std::chrono::milliseconds> timeout);

}  // namespace parley::client

#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/descriptor.h"
#include "cli-client/net/endpoint.h"

namespace parley::client {

// Reads [ADDR:]PORT, where a server is to listen: ADDR is an address in numbers, and 127.0.0.1 unless given. The error
// says what is wrong, for the user to read.
tl::expected<Endpoint, std::string> parse_listen_address(std::string_view text);

// A socket that listens there, and does not block. The error is the cause and the remedy.
tl::expected<Descriptor, std::string> listen_at(const Endpoint& at);

}  // namespace parley::client

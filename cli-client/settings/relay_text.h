#pragma once

#include <string>
#include <tl/expected.hpp>

#include "cli-client/net/endpoint.h"

namespace parley::client {

// A relay as a user names it: HOST, HOST:PORT or [IPV6]:PORT, with relay/1's port unless given. The error is a sentence
// for the user that says what to write in its place.
tl::expected<Endpoint, std::string> read_relay_text(const std::string& text);

}  // namespace parley::client

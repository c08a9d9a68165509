#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "cli-client/net/endpoint.h"
#include "protocol/chat/invite.h"

namespace parley::client {

// A relay as a user names it: HOST, HOST:PORT or [IPV6]:PORT. The error is a sentence for the user that says what to
// write in its place.
tl::expected<Endpoint, std::string> read_relay_text(const std::string& text,
                                                    std::uint16_t default_port = chat::kDefaultPort);

}  // namespace parley::client

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "cli-client/net/endpoint.h"
#include "protocol/chat/invite.h"

namespace parley::client {

// A relay as a user names it: HOST, HOST:PORT or [IPV6]:PORT. The error is a sentence for the user that says what to
// write in its place.
tl::expected<Endpoint, std::string> read_relay_text(const std::string& text,
                                                    std::uint16_t default_port = chat::kDefaultPort);

// A user gives a relay's pin as such, or as the path of a file that holds it, which has a slash, as no pin has.
constexpr bool is_pin_file(std::string_view text) { return text.find('/') != text.npos; }
constexpr std::string_view kBadPin = "bad pin: it is sha256: and 43 letters, digits, - or _, or the path of its file";

}  // namespace parley::client

#pragma once

#include <string>
#include <string_view>

namespace parley::client {

// A QR code for a terminal: two modules to a character, dark on light by colours of its own, so that it can be read
// whatever the terminal's are. Empty if the text does not fit one.
std::string qr_code(std::string_view text);

}  // namespace parley::client

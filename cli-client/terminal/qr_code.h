#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli-client/terminal/screen.h"

namespace parley::client {

// A QR code for a terminal: two modules to a character, dark on light by colours of its own, so that it can be read
// whatever the terminal's are. Empty if the text does not fit one.
std::string qr_code(std::string_view text);

// The same for this screen, with so many lines that are to come below it. Where it is too tall a sentence is behind it
// that says so, and one that is too wide, of which nothing could be read, is left out.
std::string qr_code_for(const Screen& screen, std::string_view text, std::size_t lines_below);

}  // namespace parley::client

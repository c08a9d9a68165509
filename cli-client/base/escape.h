#pragma once

#include <string>
#include <string_view>

namespace parley::client {

// Makes text from the other side safe to show: what could steer a terminal, or make text read otherwise than it
// was written, comes out as visible escapes; everything else is left as it is.
//   \xNN    C0 controls but tab, DEL, and bytes that are not UTF-8
//   \uNNNN  C1 controls, line and paragraph separators, what has no width, marks of direction
// A backslash stays single, so this is for reading, not for turning back.
std::string escape(std::string_view text);

// The same, but line feeds stay: for who shows the lines below each other so that each is seen to be part of the text.
std::string escape_lines(std::string_view text);

}  // namespace parley::client

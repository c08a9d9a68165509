#pragma once

#include <string>
#include <string_view>

#include "base/hex.h"

namespace parley::config {

// `text` fit to be shown in a message: control characters as \xNN, its first `most` bytes when it is longer.
inline std::string one_line(std::string_view text, std::size_t most = 200) {
  std::string out;
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      append_hex(out.append("\\x"), c);
    } else {
      out.push_back(c);
    }
  }
  return text.size() > most ? out + "..." : out;
}

}  // namespace parley::config

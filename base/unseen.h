#pragma once

#include <algorithm>

namespace parley {

// Characters of which nothing is seen but, perhaps, that what is around them is moved or reads otherwise. Joiners
// (200c, 200d) are not among them, as scripts and emoji need them.
constexpr bool is_unseen(char32_t code) {
  struct Range {
    char32_t first, last;
  };
  constexpr Range kUnseen[] = {
      {0x80, 0x9f},      // C1 controls, which move a terminal's cursor as the ASCII ones do
      {0x61c, 0x61c},    // Arabic letter mark
      {0x200b, 0x200b},  // zero width space
      {0x200e, 0x200f},  // marks of direction
      {0x2028, 0x202e},  // separators of lines and paragraphs, embeddings, overrides
      {0x2060, 0x206f},  // word joiner, invisible operators, isolates
      {0xfeff, 0xfeff},  // zero width no-break space
  };
  return std::ranges::any_of(kUnseen, [code](Range range) { return code >= range.first && code <= range.last; });
}

}  // namespace parley

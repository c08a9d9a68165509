#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace parley::client {

// A text as it stands on a screen, in rows of so many columns.
struct LineLayout {
  std::vector<std::string> rows;  // in UTF-8, one at least
  std::size_t cursor_row = 0;
  std::size_t cursor_column = 0;  // at most the rows' width, behind a full one
};

// Rows end at blanks, which may hang over their edge unseen, and at line feeds; a word that is wider than a row is cut,
// but not within a character with its combining marks and joiners. Tabs stop every 8 columns. The cursor is on
// text[cursor]. What escape() changes comes out as it has it, so that who types sees what the other side will. Widths
// are those of the current locale (wcwidth).
LineLayout lay_out(std::wstring_view text, std::size_t cursor, std::size_t columns);

// The rows of a text in UTF-8.
std::vector<std::string> wrap(std::string_view text, std::size_t columns);

}  // namespace parley::client

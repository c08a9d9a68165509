#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace parley::client {

// In which row of the screen, counted from the prompt's, the cursor stands when `prompt` and then `line` have been
// written from the first column on a screen that is `columns` wide and the cursor is on line[cursor].
// Follows libedit's layout (its refresh.c, re_refresh and re_addc): tabs stop every 8 columns, control characters
// are shown as ^X, a wide character that does not fit goes to the next row.
// Widths are those of the current locale (wcwidth).
std::size_t cursor_row(std::wstring_view prompt, std::wstring_view line, std::size_t cursor, std::size_t columns);

}  // namespace parley::client

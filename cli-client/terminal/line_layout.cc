#include "cli-client/terminal/line_layout.h"

#include <cstddef>
#include <cstdint>
#include <cwchar>
#include <cwctype>

namespace parley::client {
namespace {

struct Position {
  std::size_t row = 0;
  std::size_t column = 0;

  void put(std::size_t width, std::size_t columns) {
    if (column + width > columns) next_row();
    column += width;
    if (column >= columns) next_row();
  }
  void next_row() {
    column = 0;
    ++row;
  }
};

// \U+XXXX or \U+XXXXX, as libedit shows what cannot be printed.
std::size_t unprintable_width(wchar_t c) { return static_cast<std::uint32_t>(c) > 0xffff ? 8 : 7; }

std::size_t width_of(wchar_t c) {
  const int width = ::wcwidth(c);
  return width < 0 ? unprintable_width(c) : static_cast<std::size_t>(width);
}

void advance(Position& at, wchar_t c, std::size_t columns) {
  if (c == L'\n') {
    at.next_row();
  } else if (c == L'\t') {
    do {
      at.put(1, columns);
    } while (at.column % 8 != 0);
  } else if (c < 0x80 && ::iswcntrl(static_cast<wint_t>(c))) {
    at.put(1, columns);
    at.put(1, columns);
  } else if (::iswprint(static_cast<wint_t>(c))) {
    at.put(width_of(c), columns);
  } else {
    for (std::size_t i = 0; i < unprintable_width(c); ++i) at.put(1, columns);
  }
}

}  // namespace

std::size_t cursor_row(std::wstring_view prompt, std::wstring_view line, std::size_t cursor, std::size_t columns) {
  if (columns == 0) return 0;
  Position at;
  for (const wchar_t c : prompt) advance(at, c, columns);
  for (const wchar_t c : line.substr(0, cursor)) advance(at, c, columns);
  const bool wide_wraps = cursor < line.size() && ::wcwidth(line[cursor]) > 1 && at.column + 1 >= columns;
  return at.row + (wide_wraps ? 1 : 0);
}

}  // namespace parley::client

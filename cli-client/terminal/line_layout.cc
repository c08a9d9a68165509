#include "cli-client/terminal/line_layout.h"

#include <algorithm>
#include <cwchar>

#include "cli-client/base/escape.h"
#include "cli-client/terminal/wide_text.h"

namespace parley::client {
namespace {

constexpr std::size_t kTabStop = 8;
constexpr wchar_t kJoiner = L'\u200d';

bool is_blank(wchar_t c) { return c == L' ' || c == L'\t'; }
bool is_plain(wchar_t c) { return c >= 0x20 && c < 0x7f; }

struct Cell {
  std::string bytes;
  std::size_t columns;
};

// A character that stands in this column.
Cell cell_of(wchar_t c, std::size_t column) {
  if (c == L'\t') {
    const std::size_t blanks = kTabStop - column % kTabStop;
    return {std::string(blanks, ' '), blanks};
  }
  if (is_plain(c)) return {std::string(1, static_cast<char>(c)), 1};
  std::string bytes = escape(utf8({&c, 1}));
  if (bytes.front() == '\\') return {bytes, bytes.size()};
  // One that the locale does not know is newer than it.
  const int width = ::wcwidth(c);
  return {std::move(bytes), width < 0 ? 1 : static_cast<std::size_t>(width)};
}

std::size_t columns_of(wchar_t c, std::size_t column) { return is_plain(c) ? 1 : cell_of(c, column).columns; }

// Where each row begins.
std::vector<std::size_t> row_starts(std::wstring_view text, std::size_t columns) {
  std::vector<std::size_t> starts = {0};
  std::size_t column = 0;
  std::size_t word = 0;     // where the last word begins, or
  std::size_t cluster = 0;  // the last character with what belongs to it
  for (std::size_t i = 0; i < text.size(); ++i) {
    const wchar_t c = text[i];
    if (c == L'\n') {
      starts.push_back(word = cluster = i + 1);
      column = 0;
      continue;
    }
    const std::size_t width = columns_of(c, column);
    if (width > 0 && (i == 0 || text[i - 1] != kJoiner)) cluster = i;
    while (column + width > columns && !is_blank(c)) {
      const std::size_t start = word > starts.back() ? word : cluster;
      if (start == starts.back()) break;  // wider than a row
      starts.push_back(start);
      column = 0;
      for (std::size_t k = start; k < i; ++k) column += columns_of(text[k], column);
    }
    column += width;
    if (is_blank(c)) word = i + 1;
  }
  return starts;
}

}  // namespace

LineLayout lay_out(std::wstring_view text, std::size_t cursor, std::size_t columns) {
  columns = std::max<std::size_t>(columns, 1);
  const auto starts = row_starts(text, columns);
  LineLayout layout;
  for (std::size_t row = 0; row < starts.size(); ++row) {
    const std::size_t end = row + 1 < starts.size() ? starts[row + 1] : text.size();
    std::string shown;
    std::size_t column = 0;
    for (std::size_t i = starts[row]; i <= end; ++i) {
      if (i == cursor && (i < end || row + 1 == starts.size())) {
        layout.cursor_row = row;
        layout.cursor_column = std::min(column, columns);
      }
      if (i == end || text[i] == L'\n') continue;
      const Cell cell = cell_of(text[i], column);
      column += cell.columns;
      if (column <= columns || !is_blank(text[i])) shown += cell.bytes;
    }
    layout.rows.push_back(std::move(shown));
  }
  return layout;
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
  const std::wstring characters = wide(text);
  return lay_out(characters, characters.size(), columns).rows;
}

}  // namespace parley::client

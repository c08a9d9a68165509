#include "cli-client/terminal/painter.h"

#include <algorithm>
#include <utility>

namespace parley::client {
namespace {

constexpr const char* kEraseRestOfRow = "\033[K";
constexpr const char* kEraseRest = "\033[J";

std::string move(std::size_t count, char direction) {
  return count == 0 ? "" : "\033[" + std::to_string(count) + direction;
}

}  // namespace

// Within the rows that there are.
std::string Painter::go(std::size_t row, std::size_t column) {
  Picture& there = *there_;
  std::string out;
  if (row < there.cursor_row) out = move(there.cursor_row - row, 'A');
  if (row > there.cursor_row) out = move(row - there.cursor_row, 'B');
  if (column != there.cursor_column) out += "\r" + move(column, 'C');
  there.cursor_row = row;
  there.cursor_column = column;
  return out;
}

std::string Painter::paint(Picture next) {
  std::string out;
  if (!there_) {
    for (std::size_t i = 0; i < next.rows.size(); ++i) out += (i == 0 ? "" : "\n") + next.rows[i].text;
    there_ = next;
    there_->cursor_row = next.rows.size() - 1;
    there_->cursor_column = next.rows.back().columns;
    return out + go(next.cursor_row, next.cursor_column);
  }
  Picture& there = *there_;
  for (std::size_t i = 0; i < next.rows.size(); ++i) {
    const Picture::Row& row = next.rows[i];
    if (i >= there.rows.size()) {
      out += go(i - 1, there.rows[i - 1].columns) + "\n" + row.text;
      there.rows.push_back(row);
    } else if (there.rows[i] == row) {
      continue;
    } else if (row.text.starts_with(there.rows[i].text)) {
      out += go(i, there.rows[i].columns) + row.text.substr(there.rows[i].text.size());
      there.rows[i] = row;
    } else {
      // Erased before it is written, as what is in the last column may not be erased behind it.
      out += go(i, 0) + kEraseRestOfRow + row.text;
      there.rows[i] = row;
    }
    there.cursor_row = i;
    there.cursor_column = row.columns;
  }
  if (there.rows.size() > next.rows.size()) {
    out += go(next.rows.size(), 0) + kEraseRest;
    there.rows.resize(next.rows.size());
    // It stands below the last row now, which go() does not know.
    out += move(1, 'A');
    there.cursor_row = next.rows.size() - 1;
  }
  return out + go(next.cursor_row, next.cursor_column);
}

// tmux keeps for scrolling back what is erased from the screen's first column on (its scroll-on-clear). So the first
// row is erased for itself, and the others from the next one on.
std::string Painter::erase_from(std::size_t rows_above) {
  const bool is_one_row = there_->rows.size() == 1 && rows_above == 0;
  there_.reset();
  std::string out = "\r" + move(rows_above, 'A') + kEraseRestOfRow;
  if (!is_one_row) out += "\033[B" + std::string(kEraseRest) + "\033[A";
  return out;
}

std::string Painter::erase() { return there_ ? erase_from(there_->cursor_row) : ""; }

std::string Painter::leave() {
  if (!there_) return {};
  std::string out = go(there_->rows.size() - 1, there_->rows.back().columns) + "\n";
  there_.reset();
  return out;
}

std::string Painter::erase_after_resize(std::size_t columns) {
  if (!there_) return {};
  columns = std::max<std::size_t>(columns, 1);
  const auto rows_of = [columns](const Picture::Row& row) {
    return std::max<std::size_t>((row.columns + columns - 1) / columns, 1);
  };
  std::size_t above = there_->cursor_column / columns;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < there_->rows.size(); ++i) {
    if (i < there_->cursor_row) above += rows_of(there_->rows[i]);
    rows += rows_of(there_->rows[i]);
  }
  there_->rows.resize(rows);
  return erase_from(above);
}

}  // namespace parley::client

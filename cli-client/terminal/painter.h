#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace parley::client {

// What stands at the bottom of a screen and is changed in place, and where the cursor is in it.
struct Picture {
  struct Row {
    std::string text;
    std::size_t columns = 0;  // that it takes: fewer than the screen has
    bool operator==(const Row&) const = default;
  };
  std::vector<Row> rows;  // one at least
  std::size_t cursor_row = 0;
  std::size_t cursor_column = 0;
};

// Makes what a terminal is to be sent, so that it shows one picture in the place of another. Knows nothing of the
// terminal but that it understands a few of ECMA-48's sequences, as all do that are not dumb.
class Painter {
 public:
  // From what stands there to `next`, with little: mostly what was typed.
  std::string paint(Picture next);
  // Takes it off the screen, and leaves the cursor where it began.
  std::string erase();
  // The cursor goes behind it, and it stays.
  std::string leave();
  // Somebody else has had the terminal: nothing is known of what stands there.
  void forget() { there_.reset(); }
  // The window has been made this wide: what was wider takes more rows now.
  std::string erase_after_resize(std::size_t columns);

 private:
  std::string go(std::size_t row, std::size_t column);
  std::string erase_from(std::size_t rows_above);

  std::optional<Picture> there_;
};

}  // namespace parley::client

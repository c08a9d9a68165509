#pragma once

#include <cstddef>

namespace parley::client {

// What is behind one of the standard descriptors, and what a terminal there can do; asked for anew each time.
class Screen {
 public:
  explicit Screen(int fd) : fd_(fd) {}

  bool is_terminal() const;
  // Its cursor can be moved: what was written may be written over, and marks of a terminal's own are understood.
  bool can_overwrite() const;
  // As no-color.org has it.
  bool wants_colours() const;
  // 80 by 24 for one that does not say.
  std::size_t columns() const;
  std::size_t rows() const;

 private:
  int fd_;
};

// Somebody can read a question on standard error, and answer it on standard input.
bool user_can_be_asked();
// Somebody types on standard input and reads standard output.
bool user_is_at_terminal();

}  // namespace parley::client

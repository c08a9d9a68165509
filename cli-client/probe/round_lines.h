#pragma once

#include <string_view>

namespace parley::client {

// What is told of each round, a line each. Rounds wait for no reader: a line that there is no room for is left out.
class RoundLines {
 public:
  // `fd` stays its owner's.
  explicit RoundLines(int fd) : fd_(fd) {}

  // `line`: without its line feed. 0, or the errno of why nothing can be written any more; once, and then nothing is
  // tried again.
  int put(std::string_view line);
  bool gone() const { return gone_; }

 private:
  const int fd_;
  bool gone_ = false;
  bool cut_ = false;  // there was no room for the end of the last line
};

}  // namespace parley::client

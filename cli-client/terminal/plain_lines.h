#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli-client/terminal/display.h"

namespace parley::client {

// Messages as lines on standard output, news on standard error: for pipes and scripts.
class PlainDisplay : public Display {
 public:
  // raw: messages as they came, control characters and all.
  explicit PlainDisplay(bool raw) : raw_(raw) {}

  bool message(std::string_view text) override;
  void status(std::string_view text) override;
  void signal(int) override {}

  // errno of the failed write to standard output; 0: none failed.
  int error() const { return error_; }

 private:
  const bool raw_;
  int error_ = 0;
};

// Cuts a stream of bytes into lines. A line that grows beyond kMaxLineBytes is given out in parts, cut on UTF-8
// borders, so that memory stays bounded.
class LineSplitter {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{64} * 1024;

  void feed(std::string_view bytes) { held_ += bytes; }
  // The input is over: what is left is a line without its end.
  void end() { ended_ = true; }
  // The next line, without its line feed.
  std::optional<std::string> next();
  bool empty() const { return held_.empty(); }

 private:
  std::string held_;
  bool ended_ = false;
};

}  // namespace parley::client

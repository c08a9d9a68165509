#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace parley::client {

// Cuts a stream of bytes into lines. A line that grows beyond `max_bytes` is given out in parts, cut on UTF-8 borders,
// so that memory stays bounded.
class LineSplitter {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{64} * 1024;

  explicit LineSplitter(std::size_t max_bytes = kMaxLineBytes) : max_bytes_(max_bytes) {}

  void feed(std::string_view bytes) { held_ += bytes; }
  // The input is over: what is left is a line without its end.
  void end() { ended_ = true; }
  // The next line, without its line feed.
  std::optional<std::string> next();
  bool empty() const { return held_.empty(); }

 private:
  const std::size_t max_bytes_;
  std::string held_;
  bool ended_ = false;
};

// Standard input that is no terminal, as lines.
class InputLines {
 public:
  explicit InputLines(std::size_t max_bytes = LineSplitter::kMaxLineBytes) : lines_(max_bytes) {}

  // The next line of what has been read.
  std::optional<std::string> next() { return lines_.next(); }
  // Reads what there is: call it when standard input can be read.
  void read();
  // There may be more to read.
  bool open() const { return open_; }
  // All lines have been given out, and no more will come.
  bool ended() const { return !open_ && lines_.empty(); }
  // errno of why it cannot be read; 0: it can.
  int error() const { return error_; }
  // Is there something at this moment that was not given out? Reads for it.
  bool has_more();

 private:
  LineSplitter lines_;
  bool open_ = true;
  int error_ = 0;
};

}  // namespace parley::client

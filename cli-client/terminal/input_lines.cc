#include "cli-client/terminal/input_lines.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "protocol/classic/split.h"

namespace parley::client {
namespace {

constexpr std::size_t kReadBytes = std::size_t{16} * 1024;

}  // namespace

std::optional<std::string> LineSplitter::next() {
  const auto line_feed = held_.find('\n');
  const std::size_t line_bytes = std::min(line_feed, held_.size());
  if (line_bytes > max_bytes_) {
    const std::size_t part = classic::next_piece(std::as_bytes(std::span(held_)), max_bytes_);
    std::string line = held_.substr(0, part);
    held_.erase(0, part);
    return line;
  }
  if (line_feed == std::string::npos && (!ended_ || held_.empty())) return std::nullopt;
  std::string line = held_.substr(0, line_bytes);
  held_.erase(0, line_bytes + 1);
  return line;
}

void InputLines::read() {
  std::array<char, kReadBytes> bytes;
  const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count < 0) error_ = errno;
  if (count > 0) return lines_.feed({bytes.data(), static_cast<std::size_t>(count)});
  lines_.end();
  open_ = false;
}

bool InputLines::has_more() {
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  while (open_ && lines_.empty() && ::poll(&ready, 1, 0) > 0) read();
  return !lines_.empty();
}

}  // namespace parley::client

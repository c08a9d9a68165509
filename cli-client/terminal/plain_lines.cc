#include "cli-client/terminal/plain_lines.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdio>
#include <span>

#include "cli-client/base/escape.h"
#include "cli-client/base/standard_output.h"
#include "protocol/classic/split.h"

namespace parley::client {

bool PlainDisplay::message(std::string_view text) {
  std::string line = raw_ ? std::string(text) : escape(text);
  line += '\n';
  if (error_ == 0) error_ = write_out(line);
  OPENSSL_cleanse(line.data(), line.size());
  return error_ == 0;
}

void PlainDisplay::status(std::string_view text) {
  std::fprintf(stderr, "parley: %.*s\n", static_cast<int>(text.size()), text.data());
}

std::optional<std::string> LineSplitter::next() {
  const auto line_feed = held_.find('\n');
  const std::size_t line_bytes = std::min(line_feed, held_.size());
  if (line_bytes > kMaxLineBytes) {
    const std::size_t part = classic::next_piece(std::as_bytes(std::span(held_)), kMaxLineBytes);
    std::string line = held_.substr(0, part);
    held_.erase(0, part);
    return line;
  }
  if (line_feed == std::string::npos && (!ended_ || held_.empty())) return std::nullopt;
  std::string line = held_.substr(0, line_bytes);
  held_.erase(0, line_bytes + 1);
  return line;
}

}  // namespace parley::client

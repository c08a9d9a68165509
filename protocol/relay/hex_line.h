#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parley::relay {

// A line of the relay's two files, of token keys and of access tokens: 64 hexadecimal digits, and after white space
// perhaps more.
struct HexLine {
  std::array<std::byte, 32> value;
  std::string_view rest;  // without white space around it; within the text read
};

// Reads such lines one after the other. Empty lines, and those that begin with #, are passed over; LF or CR LF.
class HexLines {
 public:
  // `text` must outlive the lines.
  explicit HexLines(std::string_view text) : text_(text) {}

  // nullopt at the end. The error names the line.
  tl::expected<std::optional<HexLine>, std::string> next();

  // "line 3: `what`", for the line that next() gave last.
  std::string fault(std::string_view what) const;

 private:
  std::string_view text_;
  std::size_t number_ = 0;
};

}  // namespace parley::relay

#pragma once

#include <string_view>

namespace parley {

// White space of ASCII, whatever the locale.
constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

constexpr bool is_white_space(char c) { return kWhiteSpace.find(c) != std::string_view::npos; }

// Without the blanks at its ends.
constexpr std::string_view trim(std::string_view text, std::string_view blanks = kWhiteSpace) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

}  // namespace parley

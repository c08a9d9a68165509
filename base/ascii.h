#pragma once

#include <algorithm>
#include <string_view>

namespace parley {

// Letters of ASCII alone, whatever the locale: what protocols mean by "case-insensitive".

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

}  // namespace parley

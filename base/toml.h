#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace parley {

// One `name = value` of a configuration file. An array gives its elements, anything else one element.
struct TomlEntry {
  std::string name;
  std::vector<std::string> values;
  bool is_array = false;
  std::size_t line = 0;  // of the name, from 1
  // Where in the text the value is, to be replaced there: what is around it, comments too, stays as it is.
  std::size_t value_at = 0;
  std::size_t value_bytes = 0;
};

struct TomlFault {
  std::size_t line = 0;
  std::string why;
  std::string remedy;
};

constexpr std::size_t kMostTomlBytes = 1024 * 1024;

// Reads the part of TOML 1.0 that a flat list of names needs: bare and quoted keys, one-line basic ("…") and
// literal ('…') strings, booleans, decimal numbers, arrays of these over any number of lines, comments. Tables and
// dotted keys are errors, and so is everything that TOML forbids; nothing is skipped or guessed. A name may come
// once.
//
// CLI11's own reader is not used: it knows no line numbers, cuts a quoted value at '#', drops the last character of
// an array that is not closed, skips lines below three characters, and reads escapes differently from one version
// to the next. A configuration that is misread in silence is worse than one that is refused.
tl::expected<std::vector<TomlEntry>, TomlFault> parse_toml(std::string_view text);

// `text` as a TOML value: bare where it is a whole number or a boolean, else a basic string.
std::string toml_value(std::string_view text);

}  // namespace parley

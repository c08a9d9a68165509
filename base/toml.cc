#include "base/toml.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/hex.h"
#include "base/utf8.h"

namespace parley {
namespace {

constexpr std::string_view kBareKey = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

bool is_decimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos &&
         (text.size() == 1 || text.front() != '0');
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Reads from the front of `rest_`; each read_x() is false after fail().
class Reader {
 public:
  explicit Reader(std::string_view text, std::size_t begin) : text_(text), rest_(text.substr(begin)) {}

  bool read_entries() {
    for (skip_blank_lines(); !rest_.empty(); skip_blank_lines()) {
      TomlEntry entry;
      if (!read_entry(entry)) return false;
      const auto same = std::find_if(entries_.begin(), entries_.end(),
                                     [&](const TomlEntry& other) { return other.name == entry.name; });
      if (same != entries_.end()) {
        fault_.line = entry.line;
        fault_.why = entry.name + " is there twice, first in line " + std::to_string(same->line);
        fault_.remedy = "keep one, with an array where it takes several values";
        return false;
      }
      entries_.push_back(std::move(entry));
    }
    return true;
  }

  std::vector<TomlEntry> entries_;
  TomlFault fault_;

 private:
  bool fail(std::string why, std::string remedy) {
    fault_ = {line_, std::move(why), std::move(remedy)};
    return false;
  }

  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }

  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_spaces() {
    while (at(' ') || at('\t')) rest_.remove_prefix(1);
  }

  bool take_line_end() {
    if (rest_.substr(0, 2) == "\r\n") rest_.remove_prefix(1);
    if (!take('\n')) return false;
    ++line_;
    return true;
  }

  void skip_comment() {
    if (!at('#')) return;
    while (!rest_.empty() && !at('\n') && rest_.substr(0, 2) != "\r\n") rest_.remove_prefix(1);
  }

  void skip_blank_lines() {
    do {
      skip_spaces();
      skip_comment();
    } while (take_line_end());
  }

  std::string_view take_bare() {
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\r\n,]#\"'"));
    rest_.remove_prefix(word.size());
    return word;
  }

  bool read_entry(TomlEntry& entry) {
    entry.line = line_;
    if (at('[')) return fail("sections are not used", "put every name at the start of a line, without [section]");
    if (at('"') || at('\'')) {
      if (!read_string(entry.name)) return false;
    } else {
      entry.name = rest_.substr(0, rest_.find_first_not_of(kBareKey));
      rest_.remove_prefix(entry.name.size());
    }
    if (entry.name.empty()) return fail("a name was expected", "write NAME = VALUE");
    skip_spaces();
    if (!take('=')) return fail("there is no '=' after the name", "write NAME = VALUE");
    skip_spaces();
    entry.value_at = text_.size() - rest_.size();
    if (take('[')) {
      entry.is_array = true;
      if (!read_array(entry.values)) return false;
    } else if (!read_scalar(entry.values.emplace_back())) {
      return false;
    }
    entry.value_bytes = text_.size() - rest_.size() - entry.value_at;
    skip_spaces();
    skip_comment();
    if (!rest_.empty() && !take_line_end())
      return fail("something follows the value", "put one NAME = VALUE in a line, and text in double quotes");
    return true;
  }

  bool read_array(std::vector<std::string>& values) {
    for (;;) {
      skip_blank_lines();
      if (take(']')) return true;
      if (at('[')) return fail("an array stands in an array", "write [\"…\", \"…\"]");
      if (!read_scalar(values.emplace_back())) return false;
      skip_blank_lines();
      if (take(',')) continue;
      if (take(']')) return true;
      return fail("the array is not closed", "separate its values by ',' and end it with ']'");
    }
  }

  bool read_scalar(std::string& value) {
    if (at('"') || at('\'')) return read_string(value);
    value = take_bare();
    std::string_view number = value;
    if (!number.empty() && (number.front() == '-' || number.front() == '+')) number.remove_prefix(1);
    const std::size_t point = number.find('.');
    const bool fraction = point != std::string_view::npos && is_decimal(number.substr(0, point)) &&
                          point + 1 < number.size() &&
                          number.find_first_not_of("0123456789", point + 1) == std::string_view::npos;
    if (value == "true" || value == "false" || is_decimal(number) || fraction) return true;
    if (value.empty()) return fail("there is no value", "write NAME = VALUE, with text in double quotes");
    return fail("the value " + value + " is not in quotes", "write \"" + value + "\"");
  }

  bool read_string(std::string& value) {
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    if (rest_.substr(0, 2) == std::string(2, quote))
      return fail("strings of several lines are not used", "write it in one line, in single or double quotes");
    for (;;) {
      if (rest_.empty() || at('\n') || at('\r'))
        return fail("the string is not closed", std::string("end it with ") + quote);
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == quote) return true;
      if (is_control(c) && c != '\t') return fail("a control character is in a string", "take it out");
      if (c != '\\' || quote == '\'') {
        value.push_back(c);
      } else if (!read_escape(value)) {
        return false;
      }
    }
  }

  // After the backslash.
  bool read_escape(std::string& value) {
    constexpr std::string_view kNames = "btnfr\"\\";
    constexpr std::string_view kMeanings = "\b\t\n\f\r\"\\";
    const std::size_t which = rest_.empty() ? std::string_view::npos : kNames.find(rest_.front());
    if (which != std::string_view::npos) {
      rest_.remove_prefix(1);
      value.push_back(kMeanings[which]);
      return true;
    }
    const std::size_t digits = at('u') ? 4 : at('U') ? 8 : 0;
    std::uint32_t code = 0;
    if (digits != 0 && rest_.size() > digits) {
      const char* begin = rest_.data() + 1;
      const auto [end, error] = std::from_chars(begin, begin + digits, code, 16);
      if (error == std::errc{} && end == begin + digits && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) {
        rest_.remove_prefix(1 + digits);
        append_utf8(value, code);
        return true;
      }
    }
    return fail("a string has a bad escape", "write \\\\ for a backslash, or use single quotes");
  }

  std::string_view text_;
  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace

tl::expected<std::vector<TomlEntry>, TomlFault> parse_toml(std::string_view text) {
  if (text.size() > kMostTomlBytes) return tl::make_unexpected(TomlFault{1, "it is over 1 MiB", "make it smaller"});
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  Reader reader(text, text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  if (!reader.read_entries()) return tl::make_unexpected(std::move(reader.fault_));
  return std::move(reader.entries_);
}

std::string toml_value(std::string_view text) {
  constexpr std::size_t kMostDigits = 18;  // TOML promises 64 bits with a sign
  if (text == "true" || text == "false" || (is_decimal(text) && text.size() <= kMostDigits)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (is_control(c)) {
      append_hex(out.append("\\u00"), c);
    } else {
      out.push_back(c);
    }
  }
  return out + '"';
}

}  // namespace parley

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>

namespace parley::relay {

// What a member may be: bounds in bytes, and which bytes it may have (UTF-8 has been checked).
struct TextRule {
  std::size_t min_bytes;
  std::size_t max_bytes;
  bool (*allows)(char);
};

// The members of one JSON object, read without a tree: those with a text, a whole number or a bool are kept, others
// only counted as there. Refused: more than kMaxControlBytes, more than kMaxDepth levels, a name twice at the top
// level, a NUL or a byte order mark (which the JSON library would take for the end, and for nothing).
// The getters remember the first error and then return nothing of use: ask error() at the end.
class JsonMembers {
 public:
  static constexpr std::size_t kMaxDepth = 8;

  explicit JsonMembers(std::span<const std::byte> json);

  std::string text(std::string_view name, const TextRule& rule);
  std::optional<std::string> optional_text(std::string_view name, const TextRule& rule);
  std::int64_t number(std::string_view name);  // 0 to kMaxNumber
  std::optional<std::int64_t> optional_number(std::string_view name);
  bool flag(std::string_view name);

  std::error_code error() const { return error_; }
  void fail(std::error_code error);

  struct Other {};  // null, a fraction, a negative number, an array, an object
  using Value = std::variant<Other, bool, std::uint64_t, std::string>;
  using Values = std::map<std::string, Value, std::less<>>;

 private:
  template <class T>
  T* find(std::string_view name);

  Values values_;
  std::error_code error_;
};

}  // namespace parley::relay

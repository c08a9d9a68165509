#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "protocol/json/members.h"

namespace parley::relay {

// What a member may be: bounds in bytes, and which bytes it may have (UTF-8 has been checked).
struct TextRule {
  std::size_t min_bytes;
  std::size_t max_bytes;
  bool (*allows)(char);
};

// The members of a control message, at most kMaxControlBytes of JSON as json::read_members() takes it. The getters
// remember the first error and then return nothing of use: ask error() at the end.
class JsonMembers {
 public:
  explicit JsonMembers(std::span<const std::byte> json);

  std::string text(std::string_view name, const TextRule& rule);
  std::optional<std::string> optional_text(std::string_view name, const TextRule& rule);
  std::int64_t number(std::string_view name);  // 0 to kMaxNumber
  std::optional<std::int64_t> optional_number(std::string_view name);
  bool flag(std::string_view name);

  std::error_code error() const { return error_; }
  void fail(std::error_code error);

 private:
  template <class T>
  T* find(std::string_view name);

  json::Members values_;
  std::error_code error_;
};

}  // namespace parley::relay

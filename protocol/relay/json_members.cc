#include "protocol/relay/json_members.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "protocol/relay/control.h"
#include "protocol/relay/errc.h"
#include "protocol/relay/frame.h"

namespace parley::relay {

JsonMembers::JsonMembers(std::span<const std::byte> payload) {
  if (payload.size() > kMaxControlBytes) {
    fail(Errc::too_long);
  } else if (auto values = json::read_members(as_text(payload))) {
    values_ = std::move(*values);
  } else {
    fail(Errc::bad_json);
  }
}

void JsonMembers::fail(std::error_code error) {
  if (!error_) error_ = error;
}

// nullptr when it is not there, or is not a T (which is an error).
template <class T>
T* JsonMembers::find(std::string_view name) {
  const auto found = values_.find(name);
  if (error_ || found == values_.end()) return nullptr;
  T* const value = std::get_if<T>(&found->second);
  if (value == nullptr) fail(Errc::wrong_type);
  return value;
}

std::optional<std::string> JsonMembers::optional_text(std::string_view name, const TextRule& rule) {
  std::string* const value = find<std::string>(name);
  if (value == nullptr) return std::nullopt;
  if (value->size() < rule.min_bytes || value->size() > rule.max_bytes ||
      !std::all_of(value->begin(), value->end(), rule.allows)) {
    fail(Errc::bad_value);
  }
  return std::move(*value);
}

std::string JsonMembers::text(std::string_view name, const TextRule& rule) {
  auto value = optional_text(name, rule);
  if (!value) fail(Errc::missing_member);
  return std::move(value).value_or("");
}

std::optional<std::int64_t> JsonMembers::optional_number(std::string_view name) {
  const std::uint64_t* const value = find<std::uint64_t>(name);
  if (value == nullptr) return std::nullopt;
  if (*value > static_cast<std::uint64_t>(kMaxNumber)) fail(Errc::bad_value);
  return static_cast<std::int64_t>(*value);
}

std::int64_t JsonMembers::number(std::string_view name) {
  const auto value = optional_number(name);
  if (!value) fail(Errc::missing_member);
  return value.value_or(0);
}

bool JsonMembers::flag(std::string_view name) {
  const bool* const value = find<bool>(name);
  if (value == nullptr) fail(Errc::missing_member);
  return value != nullptr && *value;
}

}  // namespace parley::relay

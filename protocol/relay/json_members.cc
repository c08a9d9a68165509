#include "protocol/relay/json_members.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/relay/control.h"
#include "protocol/relay/errc.h"
#include "protocol/relay/frame.h"

namespace parley::relay {
namespace {

using nlohmann::json;

// Receives the JSON library's events; returning false ends the reading.
class Collector {
 public:
  explicit Collector(JsonMembers::Values& values) : values_(values) {}

  bool null() { return put(JsonMembers::Other{}); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(json::number_integer_t) { return put(JsonMembers::Other{}); }
  bool number_unsigned(json::number_unsigned_t value) { return put(std::uint64_t{value}); }
  bool number_float(json::number_float_t, const json::string_t&) { return put(JsonMembers::Other{}); }
  bool string(json::string_t& value) { return put(std::move(value)); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return depth_ > 0 && open(); }
  bool end_array() { return close(); }
  bool key(json::string_t& name) {
    if (depth_ > 1) return true;
    name_ = std::move(name);
    return !values_.contains(name_);
  }
  static bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  bool put(JsonMembers::Value value) {
    if (depth_ == 1) values_.insert_or_assign(std::move(name_), std::move(value));
    return depth_ > 0;
  }
  bool open() {
    if (depth_ == 1) put(JsonMembers::Other{});
    return ++depth_ <= JsonMembers::kMaxDepth;
  }
  bool close() {
    --depth_;
    return true;
  }

  JsonMembers::Values& values_;
  std::string name_;
  std::size_t depth_ = 0;
};

}  // namespace

JsonMembers::JsonMembers(std::span<const std::byte> payload) {
  if (payload.size() > kMaxControlBytes) {
    fail(Errc::too_long);
    return;
  }
  const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
  Collector collector(values_);
  if (text.starts_with('\xef') || text.find('\0') != std::string_view::npos ||
      !json::sax_parse(text.begin(), text.end(), &collector)) {
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

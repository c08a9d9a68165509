#include "protocol/json/object.h"

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/utf8.h"

namespace parley::json {
namespace {

using Json = nlohmann::json;

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

// \uXXXX, of what is beyond the 16 bits as two (RFC 8259, section 7).
void append_escape(std::string& to, char32_t code) {
  const auto append = [&to](char32_t unit) {
    append_hex(to.append("\\u"), static_cast<char>(unit >> 8));
    append_hex(to, static_cast<char>(unit & 0xff));
  };
  if (code > 0xffff) {
    append(0xd800 + ((code - 0x10000) >> 10));
    code = 0xdc00 + ((code - 0x10000) & 0x3ff);
  }
  append(code);
}

}  // namespace

Text::Text(std::string_view value) : text_(dump(Json(value))) {}

Text::Text(double value) : text_(dump(Json(value))) {}

Text::Text(const std::vector<std::string>& values) : text_(dump(Json(values))) {}

Text::Text(const Object& value) : text_(value.text()) {}

Object::Object(std::initializer_list<std::pair<std::string_view, Text>> members) {
  for (const auto& [name, value] : members) put(name, value);
}

Object& Object::put(std::string_view name, const Text& value) {
  if (!members_.empty()) members_ += ',';
  members_.append(Text(name).str()).append(":").append(value.str());
  return *this;
}

Object& Object::put_all(const Object& more) {
  if (!members_.empty() && !more.members_.empty()) members_ += ',';
  members_ += more.members_;
  return *this;
}

std::string Object::ascii_text() const {
  std::string ascii;
  const std::string all = text();
  for (std::string_view left = all; !left.empty();) {
    const auto [code, bytes] = first_char(left);
    if (code < 0x7f) {
      ascii += static_cast<char>(code);
    } else {
      append_escape(ascii, code);
    }
    left.remove_prefix(bytes);
  }
  return ascii;
}

}  // namespace parley::json

#include "service/log/format.h"

#include <nlohmann/json.hpp>

namespace parley::log_detail {
namespace {

// The length of the UTF-8 sequence at the front of `text`, 0 when it is malformed, overlong or a surrogate.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) || (first == 0xf0 && byte(1) < 0x90) ||
      (first == 0xf4 && byte(1) > 0x8f))
    return 0;
  return length;
}

// C1 controls (U+0080 to U+009F) move a terminal's cursor as well as the ASCII ones do.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  return first < 0x20 || first == 0x7f || (first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

void append_escaped(std::string& out, std::string_view text, bool quoted) {
  constexpr std::string_view kHex = "0123456789abcdef";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(character.size());
    if (length == 0 || is_control(character)) {
      for (const char c : character) {
        const auto byte = static_cast<unsigned char>(c);
        out.append({'\\', 'x', kHex[byte >> 4], kHex[byte & 15]});
      }
    } else if (quoted && (character == "\"" || character == "\\")) {
      out.append("\\").append(character);
    } else {
      out.append(character);
    }
  }
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '=' || c == '\\') return true;
  }
  return false;
}

nlohmann::json to_json(const LogField::Value& value) {
  return std::visit([](auto held) { return nlohmann::json(held); }, value);
}

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string format_text(std::string_view message, std::initializer_list<LogField> fields) {
  std::string out;
  append_escaped(out, message, false);
  for (const LogField& field : fields) {
    out.append(" ").append(field.name).append("=");
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (text == nullptr) {
      out += dump(to_json(field.value));
    } else if (needs_quotes(*text)) {
      out += '"';
      append_escaped(out, *text, true);
      out += '"';
    } else {
      out.append(*text);
    }
  }
  return out;
}

std::string format_json(std::string_view message, std::initializer_list<LogField> fields) {
  std::string out = "\"message\":" + dump(message);
  for (const LogField& field : fields) out += ',' + dump(field.name) + ':' + dump(to_json(field.value));
  return out;
}

}  // namespace parley::log_detail

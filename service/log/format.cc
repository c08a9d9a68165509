#include "service/log/format.h"

#include "base/hex.h"
#include "base/utf8.h"
#include "protocol/json/object.h"

namespace parley::log_detail {
namespace {

// What could steer a terminal, or make a line read otherwise than it was written.
bool is_control(char32_t code) { return code < 0x20 || code == 0x7f || is_unseen(code); }

void append_escaped(std::string& out, std::string_view text, bool quoted) {
  while (!text.empty()) {
    const auto [code, bytes] = first_char(text);
    const std::string_view character = text.substr(0, bytes == 0 ? 1 : bytes);
    text.remove_prefix(character.size());
    if (bytes == 0 || is_control(code)) {
      for (const char c : character) append_hex(out.append("\\x"), c);
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

std::string as_json(const LogField::Value& value) {
  return std::visit([](auto held) { return json::Text(held).str(); }, value);
}

}  // namespace

std::string format_text(std::string_view message, std::initializer_list<LogField> fields) {
  std::string out;
  append_escaped(out, message, false);
  for (const LogField& field : fields) {
    out.append(" ").append(field.name).append("=");
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (text == nullptr) {
      out += as_json(field.value);
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
  std::string out = "\"message\":" + json::Text(message).str();
  for (const LogField& field : fields) out += ',' + json::Text(field.name).str() + ':' + as_json(field.value);
  return out;
}

}  // namespace parley::log_detail

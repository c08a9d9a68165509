#include "protocol/relay/hex_line.h"

#include "base/hex.h"
#include "base/trim.h"

namespace parley::relay {
tl::expected<std::optional<HexLine>, std::string> HexLines::next() {
  while (!text_.empty()) {
    const std::size_t end = text_.find('\n');
    const std::string_view line = trim(text_.substr(0, end));
    text_ = end == std::string_view::npos ? std::string_view{} : text_.substr(end + 1);
    ++number_;
    if (line.empty() || line.starts_with('#')) continue;

    HexLine result{};
    const std::string_view digits = line.substr(0, line.find_first_of(kWhiteSpace));
    if (!from_hex(digits, result.value)) return tl::make_unexpected(fault("does not begin with 64 hexadecimal digits"));
    result.rest = trim(line.substr(digits.size()));
    return result;
  }
  return std::nullopt;
}

std::string HexLines::fault(std::string_view what) const {
  return "line " + std::to_string(number_) + ": " + std::string(what);
}

}  // namespace parley::relay

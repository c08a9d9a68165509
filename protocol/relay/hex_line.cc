#include "protocol/relay/hex_line.h"

namespace parley::relay {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10U;
  return std::nullopt;
}

}  // namespace

tl::expected<std::optional<HexLine>, std::string> HexLines::next() {
  while (!text_.empty()) {
    const std::size_t end = text_.find('\n');
    const std::string_view line = trim(text_.substr(0, end));
    text_ = end == std::string_view::npos ? std::string_view{} : text_.substr(end + 1);
    ++number_;
    if (line.empty() || line.starts_with('#')) continue;

    HexLine result{};
    const std::string_view digits = line.substr(0, line.find_first_of(kBlanks));
    bool good = digits.size() == 2 * result.value.size();
    for (std::size_t i = 0; good && i < result.value.size(); ++i) {
      const auto high = digit(digits[2 * i]);
      const auto low = digit(digits[2 * i + 1]);
      good = high && low;
      if (good) result.value[i] = static_cast<std::byte>(*high << 4U | *low);
    }
    if (!good) return tl::make_unexpected(fault("does not begin with 64 hexadecimal digits"));
    result.rest = trim(line.substr(digits.size()));
    return result;
  }
  return std::nullopt;
}

std::string HexLines::fault(std::string_view what) const {
  return "line " + std::to_string(number_) + ": " + std::string(what);
}

}  // namespace parley::relay

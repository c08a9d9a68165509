#include "service/view/ids.h"

namespace parley {

namespace {

constexpr std::size_t kDigits = 16;

}  // namespace

std::string to_hex(std::uint64_t value) {
  constexpr std::string_view kAlphabet = "0123456789abcdef";
  std::string text(kDigits, '0');
  for (std::size_t i = kDigits; i-- > 0; value >>= 4) text[i] = kAlphabet[value & 0xf];
  return text;
}

std::optional<std::uint64_t> from_hex(std::string_view text) {
  if (text.size() != kDigits) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                  : 16;
    if (digit == 16) return std::nullopt;
    value = value << 4 | digit;
  }
  return value;
}

}  // namespace parley

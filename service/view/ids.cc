#include "service/view/ids.h"

#include <array>

#include "base/big_endian.h"
#include "base/hex.h"

namespace parley {

namespace {

constexpr std::size_t kIdBytes = 8;

}  // namespace

std::string to_hex(std::uint64_t value) {
  std::array<std::byte, kIdBytes> bytes{};
  write_number(bytes, value);
  return to_hex(bytes);
}

std::optional<std::uint64_t> from_hex(std::string_view text) {
  const auto bytes = from_hex<kIdBytes>(text);
  return bytes ? std::optional(read_number(*bytes)) : std::nullopt;
}

}  // namespace parley

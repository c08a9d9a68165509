#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

// Names of legs and sessions: unique in the life of the process, growing in the order of creation. The upper
// half is drawn at start, so that two runs' logs do not use the same ones.
// Written as 16 hexadecimal digits.
template <class Tag>
struct Id {
  std::uint64_t value = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};
using LegId = Id<struct LegTag>;
using SessionId = Id<struct SessionTag>;

std::string to_hex(std::uint64_t value);
// nullopt unless `text` is exactly 16 hexadecimal digits.
std::optional<std::uint64_t> from_hex(std::string_view text);

template <class Tag>
std::string to_string(Id<Tag> id) {
  return to_hex(id.value);
}

}  // namespace parley

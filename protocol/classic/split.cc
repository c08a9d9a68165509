#include "protocol/classic/split.h"

#include <algorithm>

namespace parley::classic {
namespace {

bool is_continuation(std::byte b) { return (b & std::byte{0xc0}) == std::byte{0x80}; }

// The length in bytes that a UTF-8 character's first byte announces; 1 for what begins no longer one (RFC 3629).
std::size_t announced_bytes(std::byte lead) {
  const auto value = std::to_integer<unsigned>(lead);
  if (value >= 0xc2 && value <= 0xdf) {
    return 2;
  }
  if (value >= 0xe0 && value <= 0xef) {
    return 3;
  }
  return value >= 0xf0 && value <= 0xf4 ? 4 : 1;
}

}  // namespace

std::size_t next_piece(std::span<const std::byte> message, std::size_t max_bytes) {
  if (message.size() <= max_bytes) {
    return message.size();
  }
  // A character that the cut would divide begins one to three bytes before it, and is followed to its end by
  // continuation bytes. Anything else is not UTF-8 there, and is cut at the limit.
  std::size_t begin = max_bytes;
  while (begin > 0 && max_bytes - begin < 3 && is_continuation(message[begin])) {
    --begin;
  }
  const std::size_t length = announced_bytes(message[begin]);
  if (begin == 0 || begin == max_bytes || begin + length <= max_bytes || begin + length > message.size()) {
    return max_bytes;
  }
  const auto rest = message.subspan(begin + 1, length - 1);
  return std::all_of(rest.begin(), rest.end(), is_continuation) ? begin : max_bytes;
}

}  // namespace parley::classic

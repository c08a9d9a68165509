#include "protocol/classic/split.h"

#include "base/bytes.h"
#include "base/utf8.h"

namespace parley::classic {

std::size_t next_piece(std::span<const std::byte> message, std::size_t max_bytes) {
  const std::size_t cut = utf8_boundary(as_text(message), max_bytes);
  return cut == 0 ? std::min(max_bytes, message.size()) : cut;
}

}  // namespace parley::classic

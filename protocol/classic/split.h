#pragma once

#include <cstddef>
#include <span>

namespace parley::classic {

// How many bytes of `message` the next block takes: all of it when it fits `max_bytes`, else as much as fits,
// cut on a UTF-8 character border where the text around the cut is UTF-8. Never 0 for a message that is not
// empty. `max_bytes` is at least 1 (a 512-bit key's is 53).
std::size_t next_piece(std::span<const std::byte> message, std::size_t max_bytes);

}  // namespace parley::classic

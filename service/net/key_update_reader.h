#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <tl/expected.hpp>

#include "service/net/tls_record.h"

namespace parley {

// The handshake messages that a client sends after the handshake: nothing but KeyUpdate (RFC 8446 section 4.6.3), as no
// certificate is asked for later, and tickets are the server's to send. A message may be split over records, but must
// end with its last one, and nothing else may come between them (section 5.1).
class KeyUpdateReader {
 public:
  struct Update {
    bool requested;  // the other side is to update its keys too
  };
  // The content of the next record of that type. nullopt: the message goes on. After an alert it is of no more use.
  tl::expected<std::optional<Update>, Alert> take(std::span<const std::byte> content);
  // Whether a message has begun, and goes on.
  bool begun() const { return size_ != 0; }

 private:
  // Type (1), length (3), and whether an update is requested (1): section 4.
  std::array<std::byte, 1 + 3 + 1> message_{};
  std::size_t size_ = 0;
};

}  // namespace parley

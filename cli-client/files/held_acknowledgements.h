#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "protocol/chat/conversation.h"

namespace parley::client {

// Messages that may be acknowledged only when files that came before them have been stored: see FileReceiver::take().
class HeldAcknowledgements {
 public:
  // `to_be_stored`: FileReceiver::to_be_stored() when it has been taken.
  void add(chat::MessageId id, std::uint64_t to_be_stored) {
    if (held_.empty() || held_.back().to_be_stored != to_be_stored) held_.push_back({id, to_be_stored});
    held_.back().id = id;
  }
  // The last of those that may be acknowledged now; nullopt: none. `stored`: FileReceiver::stored().
  std::optional<chat::MessageId> take(std::uint64_t stored) {
    std::optional<chat::MessageId> last;
    for (; !held_.empty() && held_.front().to_be_stored <= stored; held_.pop_front()) last = held_.front().id;
    return last;
  }
  void clear() { held_.clear(); }

 private:
  struct Held {
    chat::MessageId id;
    std::uint64_t to_be_stored;
  };
  std::deque<Held> held_;
};

}  // namespace parley::client

#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "protocol/chat/conversation.h"

namespace parley::client {

// Messages that may be acknowledged only when files that came before them have been stored: see FileReceiver::take().
class HeldAcknowledgements {
 public:
  // `finished`: FileReceiver::finished() when it has been taken.
  void add(chat::MessageId id, std::uint64_t finished) {
    if (held_.empty() || held_.back().finished != finished) held_.push_back({id, finished});
    held_.back().id = id;
  }
  // The last of those that may be acknowledged now; nullopt: none. `stored`: FileReceiver::stored().
  std::optional<chat::MessageId> take(std::uint64_t stored) {
    std::optional<chat::MessageId> last;
    for (; !held_.empty() && held_.front().finished <= stored; held_.pop_front()) last = held_.front().id;
    return last;
  }
  void clear() { held_.clear(); }

 private:
  struct Held {
    chat::MessageId id;
    std::uint64_t finished;
  };
  std::deque<Held> held_;
};

}  // namespace parley::client

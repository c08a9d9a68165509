#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "protocol/chat/conversation.h"

namespace parley::client {

// What has come from the other side and waits for the program: events until they are asked for, and what of messages is
// not taken yet. Of events that each overrule the one before (ACK, NAME, TYPING) the last is kept. Bounded by its user,
// who reads on only while it is not full().
class Inbox {
 public:
  void put(chat::Event event);
  std::optional<chat::Event> next();
  // The program has done with this message, and all before it, what they are for.
  void taken(chat::MessageId id);

  // Nothing waits to be asked for.
  bool empty() const { return events_.empty(); }
  bool all_taken() const { return held_.empty(); }
  bool full() const;
  // How many events were put in, ever.
  std::uint64_t count() const { return count_; }

 private:
  struct Held {
    chat::MessageId id;
    std::size_t cost;
  };

  bool overrules_the_last(const chat::Event& event) const;
  void drop_front();

  std::deque<chat::Event> events_;
  std::uint64_t count_ = 0;
  std::size_t others_ = 0;  // of events_, that are no messages
  std::deque<Held> held_;   // messages in events_, and those given out and not taken yet
  std::size_t held_bytes_ = 0;
  std::uint64_t restarts_ = 0;  // given out
};

}  // namespace parley::client

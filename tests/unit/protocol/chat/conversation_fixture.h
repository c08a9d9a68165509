#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/chat/conversation.h"
#include "tests/unit/protocol/chat/two_sides.h"

namespace parley::chat {

// Two sides, and what is carried between them by hand.
class ConversationTest : public testing::Test {
 protected:
  Side a{1};
  Side b{2};
  Conversation::Time now{std::chrono::hours(1)};

  Bytes written(Side& side, std::size_t limit = std::size_t{1} << 30U) {
    Bytes out;
    side.conversation.write(out, limit, now);
    return out;
  }
  void give(Side& side, ByteView wire) {
    side.error = side.conversation.receive(wire, now);
    side.drain(now);
  }
  void connect() {
    a.conversation.start_stream();
    b.conversation.start_stream();
  }
  void cut() {
    a.conversation.stop_stream();
    b.conversation.stop_stream();
  }
  // Carries everything both ways until both are quiet, acknowledgements that wait included.
  void settle() {
    for (int quiet = 0; quiet < 2;) {
      const Bytes up = written(a);
      if (!up.empty()) give(b, up);
      const Bytes down = written(b);
      if (!down.empty()) give(a, down);
      quiet = up.empty() && down.empty() ? quiet + 1 : 0;
      advance(kAckDelay);
    }
  }
  void advance(std::chrono::milliseconds by) {
    now += by;
    a.conversation.advance(now);
    b.conversation.advance(now);
  }
  void meet() {
    connect();
    settle();
  }
};

inline Bytes record(Type type, std::uint64_t sequence, std::string_view body = {}) {
  Bytes out;
  append_record(out, {type, sequence, as_bytes(body)});
  return out;
}

inline Bytes hello(std::uint8_t side, std::optional<ConversationId> peer = {}, std::uint64_t received = 0) {
  Hello hello;
  hello.conversation = {std::byte{side}};
  hello.peer = peer;
  hello.received = received;
  const Bytes body = encode(hello);
  return record(Type::hello, 0, as_text(body));
}

}  // namespace parley::chat

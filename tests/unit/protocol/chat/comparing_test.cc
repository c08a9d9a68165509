// COMPARING: told, or lost, and never a promise.
#include <gmock/gmock.h>

#include "protocol/chat/errc.h"
#include "tests/unit/protocol/chat/two_sides.h"

namespace parley::chat {
namespace {

using testing::ElementsAre;

class ComparingRecord : public testing::Test {
 protected:
  ComparingRecord() {
    a.conversation.start_stream();
    b.conversation.start_stream();
  }
  void carry(Side& from, Side& to) {
    Bytes wire;
    from.conversation.write(wire, std::size_t{1} << 20U, now);
    to.error = to.conversation.receive(wire, now);
    to.drain(now);
  }
  void settle() {
    for (int i = 0; i < 4; ++i) {
      carry(a, b);
      carry(b, a);
    }
  }

  Side a{1};
  Side b{2};
  Conversation::Time now{std::chrono::hours(1)};
};

TEST_F(ComparingRecord, IsToldBeforeTheAnswerThatItIsAbout) {
  a.conversation.send_comparing({1, 10});  // before they meet
  settle();
  a.conversation.send(Type::answer, bytes("{}"));
  a.conversation.send_comparing({2, 20});
  EXPECT_TRUE(a.conversation.wants_to_write());
  settle();
  EXPECT_THAT(b.comparing, ElementsAre(Comparing{1, 10}, Comparing{2, 20}));
  EXPECT_THAT(b.texts, ElementsAre("{}"));
}

TEST_F(ComparingRecord, OfMoreThanCanBeOpenTheOldestAreForgotten) {
  for (std::uint32_t file = 1; file <= 2 * kMaxOpenFiles; ++file) a.conversation.send_comparing({file, 1});
  settle();
  EXPECT_EQ(b.comparing.size(), kMaxOpenFiles);
  EXPECT_EQ(b.comparing.back(), (Comparing{2 * kMaxOpenFiles, 1}));
}

TEST_F(ComparingRecord, OfNoFileIsAnError) {
  settle();
  Bytes wire;
  append_record(wire, {Type::comparing, 0, Bytes(kComparingBytes)});
  EXPECT_EQ(b.conversation.receive(wire, now), Errc::bad_body);
}

}  // namespace
}  // namespace parley::chat

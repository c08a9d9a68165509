#include "cli-client/meeting/wrong_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace parley::client {
namespace {

using chat::Purpose;
using testing::HasSubstr;

TEST(WrongPair, NamesBothAndWhatEachCanRunInstead) {
  EXPECT_EQ(
      wrong_pair_text(Purpose::chat, Purpose::pipe),
      "the other side runs parley pipe, which does not go with parley chat; run parley pipe with the same invite, "
      "or have the other side run parley chat");
  EXPECT_THAT(wrong_pair_text(Purpose::receive, Purpose::pipe), HasSubstr("have the other side run parley send"));
  EXPECT_THAT(wrong_pair_text(Purpose::chat, Purpose::receive), HasSubstr("run parley send with the same invite"));
  EXPECT_THAT(wrong_pair_text(Purpose::receive, Purpose::chat), HasSubstr("run parley chat with the same invite"));
}

TEST(WrongPair, OfTwoThatRunTheSame) {
  EXPECT_EQ(wrong_pair_text(Purpose::send, Purpose::send),
            "both sides run parley send; one of you must run parley receive");
}

TEST(WrongPair, WithWhoDoesNotSayWhatItRuns) {
  EXPECT_EQ(wrong_pair_text(Purpose::receive, std::nullopt),
            "the other side does not run parley send, which goes with parley receive");
}

}  // namespace
}  // namespace parley::client

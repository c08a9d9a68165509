#include "protocol/chat/purpose.h"

#include <gtest/gtest.h>

#include <vector>

namespace parley::chat {
namespace {

constexpr Purpose kPurposes[] = {Purpose::chat, Purpose::pipe, Purpose::send, Purpose::receive};

TEST(Purpose, IsReadAsItIsSaid) {
  for (const Purpose purpose : kPurposes) {
    const std::vector<std::string> features{"something newer", std::string(feature_of(purpose))};
    EXPECT_EQ(purpose_in(features), purpose);
  }
  EXPECT_EQ(purpose_in({}), std::nullopt) << "others need not say it";
  EXPECT_EQ(purpose_in(std::vector<std::string>{"send", "receive"}), std::nullopt) << "who can do both fits both";
}

TEST(Purpose, FitsItsOwnKindAndFilesWhoTakesThem) {
  for (const Purpose one : kPurposes) {
    for (const Purpose other : kPurposes) EXPECT_EQ(fit(one, other), fit(other, one));
  }
  EXPECT_TRUE(fit(Purpose::chat, Purpose::chat));
  EXPECT_TRUE(fit(Purpose::pipe, Purpose::pipe));
  EXPECT_TRUE(fit(Purpose::send, Purpose::receive));
  EXPECT_TRUE(fit(Purpose::send, Purpose::chat));
  EXPECT_FALSE(fit(Purpose::send, Purpose::send));
  EXPECT_FALSE(fit(Purpose::receive, Purpose::receive));
  EXPECT_FALSE(fit(Purpose::receive, Purpose::chat));
  for (const Purpose other : {Purpose::chat, Purpose::send, Purpose::receive}) EXPECT_FALSE(fit(Purpose::pipe, other));
}

TEST(Purpose, IsShownByRecordsOfWhoDoesNotSayIt) {
  EXPECT_EQ(purpose_shown_by(Type::stream), Purpose::pipe);
  EXPECT_EQ(purpose_shown_by(Type::text), Purpose::chat);
  EXPECT_EQ(purpose_shown_by(Type::offer), Purpose::send);
  EXPECT_EQ(purpose_shown_by(Type::answer), Purpose::receive);
  EXPECT_EQ(purpose_shown_by(Type::bye), std::nullopt);
}

}  // namespace
}  // namespace parley::chat

#include "cli-client/files/offer_groups.h"

#include <gtest/gtest.h>

#include "tests/unit/cli-client/files/scratch_folder.h"

namespace parley::client {
namespace {

class OfferGroupsTest : public testing::Test {
 protected:
  OfferGroups groups{std::nullopt};
  ScratchFolder scratch;
  std::uint32_t last = 0;

  OfferGroups::Verdict first(const std::string& name, std::uint64_t size, std::uint32_t files, std::uint64_t bytes) {
    return groups.judge({.file = ++last, .name = name, .size = size, .total_files = files, .total_size = bytes});
  }
  OfferGroups::Verdict next(const std::string& name, std::uint64_t size) {
    return groups.judge({.file = ++last, .name = name, .size = size});
  }
  OfferGroups::Verdict folder(const std::string& name) {
    return groups.judge({.file = ++last, .name = name, .directory = true});
  }
  std::size_t accept() {
    return groups.decide(std::make_shared<const TargetFolder>(std::move(*TargetFolder::open(scratch.path()))))
        .offers.size();
  }
};

TEST_F(OfferGroupsTest, OneWordIsForWhatTheGroupSaysOfItself) {
  EXPECT_FALSE(first("a", 10, 3, 30).decided);
  EXPECT_FALSE(next("b", 10).decided);
  ASSERT_NE(groups.waiting(), nullptr);
  EXPECT_EQ(groups.waiting()->files, 3U);
  EXPECT_EQ(accept(), 2U);
  EXPECT_EQ(groups.waiting(), nullptr);
  EXPECT_TRUE(next("c", 10).folder);
  EXPECT_FALSE(next("d", 0).decided) << "a fourth";
}

TEST_F(OfferGroupsTest, MoreBytesThanWereSaidAreAskedAbout) {
  first("a", 10, 2, 15);
  accept();
  EXPECT_FALSE(next("b", 6).decided);
}

TEST_F(OfferGroupsTest, AFolderBelongsWhereItsParentDoes) {
  folder("photos");
  EXPECT_TRUE(groups.waiting()->directory);
  accept();
  EXPECT_TRUE(folder("photos/june").decided);
  EXPECT_FALSE(folder("photos2").decided);
  EXPECT_FALSE(folder("etc").decided);
}

TEST_F(OfferGroupsTest, ADeclinedGroupStaysDeclined) {
  first("a", 1, 2, 2);
  groups.decide(nullptr);
  EXPECT_TRUE(next("b", 1).decided);
  EXPECT_FALSE(first("c", 1, 1, 1).decided) << "another one is asked about";
}

TEST_F(OfferGroupsTest, TheRestOfAGroupCanBeDeclined) {
  first("a", 1, 2, 2);
  accept();
  groups.decline_rest();
  const auto verdict = next("b", 1);
  EXPECT_TRUE(verdict.decided);
  EXPECT_EQ(verdict.folder, nullptr);
  EXPECT_FALSE(first("c", 1, 1, 1).decided);
}

TEST_F(OfferGroupsTest, AFileOfferedAgainWithItsDigestNeedsNoSecondWord) {
  const auto verdict = first("a", 5, 1, 5);
  accept();
  first("b", 1, 1, 1);
  const chat::Offer again{.file = ++last, .name = "a", .size = 5, .sha256 = chat::Digest{}, .total_files = 1U};
  groups.expect_again(again, verdict.group, nullptr);
  EXPECT_EQ(groups.judge(again).group, verdict.group);
  EXPECT_FALSE(groups.judge(again).decided) << "once only";
}

TEST_F(OfferGroupsTest, SaysWhatItsUserIsToKnow) {
  groups.judge({.file = ++last, .name = "photos", .directory = true, .left_out = 2});
  EXPECT_EQ(groups.waiting()->left_out, 2U);
  EXPECT_EQ(groups.waiting()->hidden, "");
  first("a", 1, 4, 4);
  next("in/.hidden", 1);
  accept();
  EXPECT_EQ(groups.waiting()->hidden, "") << "what is in a folder may be hidden";
  next(" .env", 1);
  next(".other", 1);
  EXPECT_EQ(groups.waiting()->hidden, " .env") << "the first that would be";
}

TEST_F(OfferGroupsTest, ThoseThatWaitAreDecidedInOrder) {
  first("a", 1, 1, 1);
  first("b", 1, 1, 1);
  EXPECT_EQ(groups.held(), 2U);
  EXPECT_EQ(groups.waiting()->name, "a");
  groups.decide(nullptr);
  EXPECT_EQ(groups.waiting()->name, "b");
  EXPECT_EQ(accept(), 1U);
  EXPECT_EQ(groups.held(), 0U);
}

}  // namespace
}  // namespace parley::client

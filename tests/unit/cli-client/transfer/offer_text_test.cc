#include "cli-client/transfer/offer_text.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

OfferGroups::Group group(const std::string& name, bool directory, std::uint64_t files, std::uint64_t named = 0) {
  OfferGroups::Group group;
  group.name = name;
  group.directory = directory;
  group.files = files;
  group.bytes = 1500;
  group.named = named;
  return group;
}

TEST(OfferText, SaysWhatComes) {
  EXPECT_EQ(offer_text(group("a", false, 1)), "a (1.5 kB)");
  EXPECT_EQ(offer_text(group("a", false, 3)), "a and 2 more (1.5 kB)");
  EXPECT_EQ(offer_text(group("a", false, 3, 3)), "a and 2 more (1.5 kB)");
  EXPECT_EQ(offer_text(group("a", false, 3, 2)), "a and 1 more (3 files, 1.5 kB)") << "that one is a folder";
  EXPECT_EQ(offer_text(group("photos", true, 1200)), "photos/ (1,200 files, 1.5 kB)");
  EXPECT_EQ(offer_text(group("photos", true, 4, 2)), "photos/ and 1 more (4 files, 1.5 kB)");
  EXPECT_EQ(offer_text(group("my note\x1b", false, 1)), "\"my note\\x1b\" (1.5 kB)");
}

TEST(OfferText, ListsWhatWasNamed) {
  SourceTree tree;
  const auto add = [&tree](const std::string& path, std::uint64_t size, bool directory = false) {
    tree.sources.push_back({nullptr, path, path, size, directory});
  };
  add("photos", 0, true);
  add("photos/1", 1000);
  add("photos/2", 1000);
  EXPECT_EQ(source_list(tree), "photos/ (2 files, 2.0 kB)");
  add("note", 100);
  EXPECT_EQ(source_list(tree), "3 files, 2.1 kB:\n  photos/ (2 files, 2.0 kB)\n  note (100 B)");
  EXPECT_EQ(offer_text(tree), "photos/ and 1 more (3 files, 2.1 kB)");
  for (int i = 0; i < 12; ++i) add("x" + std::to_string(i), 0);
  const std::string list = source_list(tree);
  EXPECT_TRUE(list.ends_with("\n  x7 (0 B)\n  and 4 more")) << list;
}

}  // namespace
}  // namespace parley::client

#include "cli-client/meeting/kept_place.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace parley::client {
namespace {

namespace fs = std::filesystem;
using testing::Optional;
using testing::SizeIs;

class KeptPlaceTest : public testing::Test {
 protected:
  KeptPlaceTest() {
    std::string name = (fs::temp_directory_path() / "parley-place-XXXXXX").string();
    base_ = ::mkdtemp(name.data());
    folder_ = base_ / "state" / "parley";
  }
  ~KeptPlaceTest() override { fs::remove_all(base_); }

  // A program that is killed ends as this one does: its lock goes, its file stays.
  void live_and_be_killed(const std::string& token) { KeptPlace(folder_, kRelay, "lounge").keep(token); }
  std::optional<std::string> found() { return KeptPlace(folder_, kRelay, "lounge").token(); }
  fs::path only_file() const {
    EXPECT_THAT(files(), SizeIs(1));
    return files().front();
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path());
    return found;
  }
  static void age(const fs::path& path, std::chrono::hours hours) {
    fs::last_write_time(path, fs::file_time_type::clock::now() - hours);
  }
  static mode_t mode(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777;
  }

  const Endpoint kRelay{"relay.example", 10443};
  fs::path base_;
  fs::path folder_;
};

TEST_F(KeptPlaceTest, IsThereAgainForTheSameRoomOfTheSameRelay) {
  live_and_be_killed("older");
  live_and_be_killed("a-longer-and-newer-one");
  live_and_be_killed("newest");
  EXPECT_THAT(found(), Optional(std::string("newest")));
  EXPECT_FALSE(KeptPlace(folder_, kRelay, "other").token());
  EXPECT_FALSE(KeptPlace(folder_, {"relay.example", 10444}, "lounge").token());
}

TEST_F(KeptPlaceTest, NobodyElseCanReadItOrTheNameOfTheRoom) {
  live_and_be_killed("token");
  EXPECT_EQ(mode(only_file()), 0600);
  EXPECT_EQ(mode(folder_), 0700);
  EXPECT_EQ(only_file().filename().string().find("lounge"), std::string::npos);
}

TEST_F(KeptPlaceTest, TwoThatLiveHaveTwoPlaces) {
  KeptPlace first(folder_, kRelay, "lounge");
  KeptPlace second(folder_, kRelay, "lounge");
  KeptPlace third(folder_, kRelay, "lounge");
  first.keep("one");
  second.keep("two");
  third.keep("three");
  EXPECT_FALSE(found()) << "both files are those of the living";
  EXPECT_THAT(files(), SizeIs(2));
}

TEST_F(KeptPlaceTest, OneOfTwoComesBackToItsOwn) {
  KeptPlace first(folder_, kRelay, "lounge");
  first.keep("one");
  live_and_be_killed("two");
  EXPECT_THAT(found(), Optional(std::string("two")));
}

TEST_F(KeptPlaceTest, TheOneThatIsFreeMayBeTheSecond) {
  auto first = std::make_unique<KeptPlace>(folder_, kRelay, "lounge");
  first->keep("one");
  live_and_be_killed("two");
  first->keep(std::nullopt);
  first.reset();
  KeptPlace again(folder_, kRelay, "lounge");
  EXPECT_THAT(again.token(), Optional(std::string("two")));
  EXPECT_FALSE(found());
}

TEST_F(KeptPlaceTest, LeavesNothingWithoutAPlaceToComeBackTo) {
  {
    KeptPlace place(folder_, kRelay, "lounge");
    place.keep("token");
    place.keep(std::nullopt);
    EXPECT_FALSE(found()) << "it is not up for the taking while its program lives";
    EXPECT_THAT(files(), SizeIs(1));
  }
  EXPECT_THAT(files(), SizeIs(0));
}

TEST_F(KeptPlaceTest, WhatIsRemovedMeanwhileIsMadeAnew) {
  KeptPlace first(folder_, kRelay, "lounge");
  first.keep("one");
  fs::remove(only_file());
  live_and_be_killed("two");
  EXPECT_THAT(found(), Optional(std::string("two")));
}

TEST_F(KeptPlaceTest, WhatIsNoTokenIsNone) {
  live_and_be_killed("token");
  for (const std::string& text : {std::string("cut off"), std::string("\n"), std::string("two words\n"),
                                  "x\x1b\n" + std::string(), std::string(513, 'x') + "\n", std::string()}) {
    live_and_be_killed("token");
    std::ofstream(only_file()) << text;
    EXPECT_FALSE(found()) << text;
  }
  live_and_be_killed(std::string(512, 'x'));
  EXPECT_THAT(found(), Optional(std::string(512, 'x')));
  live_and_be_killed("token");
  std::ofstream(only_file(), std::ios::app) << "of a longer one that was here before\n";
  EXPECT_THAT(found(), Optional(std::string("token")));
}

TEST_F(KeptPlaceTest, OldOnesAreRemovedButNotThoseOfTheLiving) {
  live_and_be_killed("old");
  age(only_file(), std::chrono::hours(7 * 24 - 1));
  KeptPlace other(folder_, kRelay, "other");
  EXPECT_THAT(files(), SizeIs(2));
  for (const fs::path& path : files()) age(path, std::chrono::hours(7 * 24 + 1));
  std::ofstream(folder_ / "notes") << "of somebody else's";
  age(folder_ / "notes", std::chrono::hours(1000));
  KeptPlace third(folder_, kRelay, "third");
  EXPECT_THAT(files(), SizeIs(3)) << "the notes, and two that live";
}

TEST_F(KeptPlaceTest, WhereNothingCanBeKeptNothingIs) {
  std::ofstream(base_ / "file") << "in the way";
  for (const fs::path& folder : {fs::path(), base_ / "file" / "parley", base_ / "file"}) {
    KeptPlace place(folder, kRelay, "lounge");
    EXPECT_FALSE(place.token());
    place.keep("token");
    place.keep(std::nullopt);
  }
  live_and_be_killed("token");
  const fs::path path = only_file();
  fs::remove(path);
  fs::create_symlink(base_ / "file", path);
  live_and_be_killed("token");
  EXPECT_EQ(fs::file_size(base_ / "file"), 10) << "a link is not followed; the other file is used";
}

}  // namespace
}  // namespace parley::client

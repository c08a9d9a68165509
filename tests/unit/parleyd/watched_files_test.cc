#include "parleyd/watched_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace parley {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class WatchedFilesTest : public testing::Test {
 protected:
  WatchedFilesTest() {
    write(one_, "1");
    write(two_, "2");
    files_.expect({one_, two_}, {});
  }
  ~WatchedFilesTest() override { fs::remove_all(folder_); }

  // Another file under the name, as its times alone may be the same within a moment.
  void write(const std::string& path, const std::string& text) {
    std::ofstream(path + ".new") << text;
    fs::rename(path + ".new", path);
  }
  // What is told at once, and when it has settled.
  std::vector<std::string> changed() {
    EXPECT_THAT(files_.changed(now_), IsEmpty());
    return settled();
  }
  std::vector<std::string> settled() {
    now_ += WatchedFiles::kSettled;
    return files_.changed(now_);
  }

  static std::string new_folder() {
    std::string folder = testing::TempDir() + "parley-watched-XXXXXX";
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    return folder;
  }
  const std::string folder_ = new_folder();
  const std::string one_ = folder_ + "/one";
  const std::string two_ = folder_ + "/two";
  WatchedFiles files_{{}};
  TimePoint now_{};
};

TEST_F(WatchedFilesTest, TellsEachChangeOnce) {
  EXPECT_THAT(changed(), IsEmpty());
  write(one_, "11");
  EXPECT_THAT(changed(), ElementsAre(one_));
  EXPECT_THAT(changed(), IsEmpty());
  write(one_, "12");
  write(two_, "22");
  EXPECT_THAT(changed(), UnorderedElementsAre(one_, two_));
}

TEST_F(WatchedFilesTest, WaitsUntilAllAreLeftAlone) {
  write(one_, "11");
  EXPECT_THAT(files_.changed(now_), IsEmpty());
  now_ += WatchedFiles::kSettled - std::chrono::milliseconds(1);
  EXPECT_THAT(files_.changed(now_), IsEmpty());
  write(two_, "22");
  now_ += std::chrono::milliseconds(1);
  EXPECT_THAT(files_.changed(now_), IsEmpty()) << "the other one has changed by then";
  EXPECT_THAT(settled(), UnorderedElementsAre(one_, two_));
}

TEST_F(WatchedFilesTest, AThousandHalfWrittenStatesAreLeftAlone) {
  for (int bytes = 1; bytes <= 1000; ++bytes) {
    write(bytes % 2 == 0 ? one_ : two_, std::string(static_cast<std::size_t>(bytes), 'x'));
    EXPECT_THAT(files_.changed(now_), IsEmpty());
    now_ += WatchedFiles::kSettled / 2;
    EXPECT_THAT(files_.changed(now_), IsEmpty());
  }
  EXPECT_THAT(settled(), UnorderedElementsAre(one_, two_));
}

TEST_F(WatchedFilesTest, FollowsLinks) {
  fs::create_directory(folder_ + "/a");
  fs::create_directory(folder_ + "/b");
  write(folder_ + "/a/key", "a");
  write(folder_ + "/b/key", "b");
  fs::create_directory_symlink("a", folder_ + "/data");
  const std::string key = folder_ + "/data/key";
  files_.expect({key}, {});
  fs::create_directory_symlink("b", folder_ + "/data.new");
  fs::rename(folder_ + "/data.new", folder_ + "/data");
  EXPECT_THAT(changed(), ElementsAre(key));
}

TEST_F(WatchedFilesTest, WhatComesWhileTheyAreReadIsTold) {
  const auto read = files_.look();
  write(one_, "11");
  files_.expect({one_, two_}, read);
  EXPECT_THAT(changed(), ElementsAre(one_));
}

TEST_F(WatchedFilesTest, WhatWasMadeAtTheStartIsNotNews) {
  const std::string made = folder_ + "/made";
  files_.expect({made}, {});
  const auto read = files_.look();
  write(made, "1");
  files_.expect({made}, read);
  EXPECT_THAT(changed(), IsEmpty());
  fs::remove(made);
  EXPECT_THAT(changed(), ElementsAre(made)) << "to be gone is a change too";
}

TEST(FilesOf, AreThoseThatAReloadReads) {
  config::Invocation invocation;
  auto& relay = invocation.config.service.relay;
  relay.self_signed = "own";
  relay.access_file = "access";
  relay.pin_file = "written, not read";
  invocation.config.admin.token_file = "token";
  EXPECT_THAT(files_of(invocation),
              UnorderedElementsAre("access", "own/token-key", "own/cert.pem", "own/key.pem", "token"));
  relay.token_key_file = "keys";
  EXPECT_THAT(files_of(invocation), UnorderedElementsAre("access", "keys", "own/cert.pem", "own/key.pem", "token"));
}

}  // namespace
}  // namespace parley

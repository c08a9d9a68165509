#include "cli-client/files/part_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "cli-client/files/beneath.h"
#include "tests/unit/cli-client/files/scratch_folder.h"

namespace parley::client {
namespace {

class PartFileTest : public testing::Test {
 protected:
  Place place(const std::string& leaf) const {
    return {Descriptor(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), leaf, leaf};
  }
  mode_t mode(const std::string& name) const {
    struct stat status{};
    EXPECT_EQ(::stat(folder.path(name).c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  ScratchFolder folder;
};

TEST_F(PartFileTest, IsItsOwnersAloneUntilItIsWhole) {
  const Place there = place("photo");
  const mode_t before = ::umask(0);
  auto part = PartFile::open(there);
  ::umask(before);
  ASSERT_TRUE(part);
  EXPECT_EQ(mode("photo.parley-part"), 0600U);
  ASSERT_EQ(part->write(as_bytes("text"), false), 0);
  part->seal(0644, std::nullopt);
  EXPECT_EQ(mode("photo.parley-part"), 0644U);
  part->unseal();
  EXPECT_EQ(mode("photo.parley-part"), 0600U) << "what gets no name stays a part";
}

TEST_F(PartFileTest, GetsItsNameUnlessAnotherHasIt) {
  const Place there = place("photo");
  {
    auto part = PartFile::open(there);
    ASSERT_EQ(part->write(as_bytes("text"), false), 0);
    folder.write("photo", "another");
    EXPECT_EQ(part->publish(false), EEXIST);
    EXPECT_EQ(folder.read("photo"), "another");
    EXPECT_EQ(part->publish(true), 0);
  }
  EXPECT_EQ(folder.read("photo"), "text");
  EXPECT_FALSE(folder.has("photo.parley-part"));
}

TEST_F(PartFileTest, AnotherNameForAFileIsNoPart) {
  folder.write("diary", "mine");
  std::filesystem::create_hard_link(folder.path("diary"), folder.path("photo.parley-part"));
  const Place there = place("photo");
  EXPECT_EQ(PartFile::open(there).error(), EEXIST);
  EXPECT_EQ(folder.read("diary"), "mine");
}

TEST(Beneath, LeadsNowhereElse) {
  ScratchFolder folder;
  folder.write("inner/file", "");
  const Descriptor at(::open(folder.path("inner").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const char* path : {"..", ".", "../inner", "a/../..", "/etc"}) {
    const auto opened = open_folder_beneath(at.get(), path, true);
    ASSERT_FALSE(opened) << path;
    EXPECT_EQ(opened.error(), EINVAL) << path;
  }
}

}  // namespace
}  // namespace parley::client

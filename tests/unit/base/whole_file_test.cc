#include "base/whole_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/unit/cli-client/files/disk_calls.h"

namespace parley {
namespace {

class WholeFile : public testing::Test {
 protected:
  WholeFile() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~WholeFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path() const { return std::filesystem::path(folder_) / "file"; }
  std::string text() const {
    std::ifstream in(path());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  mode_t mode() const {
    struct stat file{};
    return ::stat(path().c_str(), &file) == 0 ? file.st_mode & 07777 : 0;
  }
  std::ptrdiff_t files() const { return std::distance(std::filesystem::directory_iterator(folder_), {}); }

  std::string folder_ = testing::TempDir() + "parley-whole-XXXXXX";
};

TEST_F(WholeFile, HasItsModeWhateverTheUmask) {
  const mode_t usual = ::umask(0777);
  const int error = write_whole_file(path(), "text", 0640, IfThere::stays);
  ::umask(usual);
  EXPECT_EQ(error, 0);
  EXPECT_EQ(text(), "text");
  EXPECT_EQ(mode(), 0640u);
  EXPECT_EQ(files(), 1);
}

TEST_F(WholeFile, StaysOrIsReplaced) {
  EXPECT_EQ(write_whole_file(path(), "first", 0600, IfThere::stays), 0);
  EXPECT_EQ(write_whole_file(path(), "second", 0644, IfThere::stays), 0);
  EXPECT_EQ(text(), "first");
  EXPECT_EQ(mode(), 0600u);
  EXPECT_EQ(write_whole_file(path(), "third", 0644, IfThere::is_replaced), 0);
  EXPECT_EQ(text(), "third");
  EXPECT_EQ(mode(), 0644u);
  EXPECT_EQ(files(), 1);
}

TEST_F(WholeFile, IsTheOldOneWhenItCannotBeStored) {
  ASSERT_EQ(write_whole_file(path(), "old", 0600, IfThere::stays), 0);
  client::DiskCalls disk;
  disk.fsync = [this](const std::string& file) { return file.starts_with(path().string()) ? EIO : 0; };
  EXPECT_EQ(write_whole_file(path(), "new", 0600, IfThere::is_replaced), EIO);
  EXPECT_EQ(text(), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(WholeFile, IsNotDoneBeforeItsNameIsStored) {
  client::DiskCalls disk;
  disk.fsync = [this](const std::string& file) { return file == std::filesystem::canonical(folder_) ? EIO : 0; };
  EXPECT_EQ(write_whole_file(path(), "new", 0600, IfThere::is_replaced), EIO);
}

TEST_F(WholeFile, NeedsAFolder) { EXPECT_EQ(write_whole_file(path() / "file", "text", 0600, IfThere::stays), ENOENT); }

}  // namespace
}  // namespace parley

#include "base/locked_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

namespace parley {
namespace {

using namespace std::chrono_literals;

class LockedFile : public testing::Test {
 protected:
  LockedFile() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~LockedFile() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/file"; }
  tl::expected<Descriptor, int> open(int flags = O_RDWR) const {
    return open_locked(AT_FDCWD, path().c_str(), flags, 0600);
  }
  // The errno; 0 when it is open.
  int error(int flags = O_RDWR) const {
    const auto file = open(flags);
    return file ? 0 : file.error();
  }

  std::string folder_ = testing::TempDir() + "parley-locked-XXXXXX";
};

TEST_F(LockedFile, IsOneProgramsUntilItIsClosed) {
  EXPECT_EQ(error(), ENOENT);
  auto file = open(O_RDWR | O_CREAT);
  ASSERT_TRUE(file);
  EXPECT_NE(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(error(), EBUSY);
  file->reset();
  EXPECT_EQ(error(), 0);
}

TEST_F(LockedFile, IsThatWhichHasTheNameNow) {
  auto first = open(O_RDWR | O_CREAT);
  ASSERT_TRUE(first);
  ::unlink(path().c_str());
  EXPECT_EQ(error(), ENOENT);
  EXPECT_EQ(error(O_RDWR | O_CREAT), 0);
}

// Two that each put another file in its place, as who writes a file anew does, while they have the lock.
TEST_F(LockedFile, IsThatWhichHasTheNameEvenIfItIsReplacedMeanwhile) {
  const auto replace = [&](const std::string& own) {
    for (int done = 0; done < 1000;) {
      const auto file = open(O_RDWR | O_CREAT);
      if (!file) continue;
      struct stat locked{}, named{};
      ::fstat(file->get(), &locked);
      ::stat(path().c_str(), &named);
      EXPECT_EQ(locked.st_ino, named.st_ino) << "another may have it under its name";
      std::ofstream(own) << "another";
      std::filesystem::rename(own, path());
      ++done;
    }
  };
  std::thread other([&] { replace(folder_ + "/one"); });
  replace(folder_ + "/two");
  other.join();
}

TEST_F(LockedFile, AFolderIsOneProgramsAtATime) {
  auto folder = lock_folder(folder_.c_str(), 0ms);
  ASSERT_TRUE(folder);
  EXPECT_EQ(lock_folder(folder_.c_str(), 0ms).error(), EBUSY);
  std::thread other([&] { EXPECT_TRUE(lock_folder(folder_.c_str(), 1h)); });
  folder->reset();
  other.join();
  EXPECT_EQ(lock_folder(path().c_str(), 0ms).error(), ENOENT);
}

TEST_F(LockedFile, IsARegularFile) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_EQ(error(), EEXIST);
  std::filesystem::remove(path());
  std::ofstream(folder_ + "/other") << "other";
  std::filesystem::create_symlink(folder_ + "/other", path());
  EXPECT_EQ(error(O_RDWR | O_CREAT), EEXIST);
  std::filesystem::remove(path());
  std::filesystem::create_directory(path());
  EXPECT_EQ(error(), EEXIST);
}

}  // namespace
}  // namespace parley

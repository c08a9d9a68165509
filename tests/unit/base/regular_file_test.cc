#include "base/regular_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/descriptor.h"

namespace parley {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class RegularFile : public testing::Test {
 protected:
  RegularFile() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~RegularFile() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/file"; }
  void write(const std::string& text) const { std::ofstream(path()) << text; }
  void make_pipe() const { ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0); }

  std::string folder_ = testing::TempDir() + "parley-file-XXXXXX";
};

TEST_F(RegularFile, IsReadWhole) {
  for (const std::size_t size : {0U, 1U, 4096U, 100'000U}) {
    write(std::string(size, 'x'));
    EXPECT_EQ(read_regular_file(path()), std::string(size, 'x'));
  }
}

TEST_F(RegularFile, HasABound) {
  write(std::string(10, 'x'));
  EXPECT_TRUE(read_regular_file(path(), {.most_bytes = 10}));
  EXPECT_EQ(to_string(read_regular_file(path(), {.most_bytes = 9}).error()), "longer than 9 bytes; name another file");
  write(std::string(1024 * 1024 + 1, 'x'));
  EXPECT_EQ(read_regular_file(path()).error().why, "longer than 1 MiB");
}

TEST_F(RegularFile, IsNoFolderDeviceOrPipe) {
  EXPECT_EQ(read_regular_file(path()).error().error, std::errc::no_such_file_or_directory);
  EXPECT_EQ(to_string(read_regular_file(path()).error()), "No such file or directory; name a file to read");
  EXPECT_EQ(read_regular_file(folder_).error().why, "not a regular file");
  EXPECT_EQ(read_regular_file("/dev/null").error().why, "not a regular file");
  make_pipe();
  EXPECT_THAT(read_regular_file(path()).error().why, HasSubstr("a pipe"));
  EXPECT_FALSE(read_regular_file(path()).error().error);
}

TEST_F(RegularFile, WithASecretIsItsOwnersAlone) {
  write("secret");
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0601U}) {
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
    EXPECT_TRUE(read_regular_file(path()));
    const auto read = read_regular_file(path(), {.secret = SecretGroup::of_root});
    ASSERT_FALSE(read) << std::oct << mode;
    EXPECT_EQ(read.error().remedy, "chmod 600 " + path());
  }
  ASSERT_EQ(::chmod(path().c_str(), 0400), 0);
  EXPECT_EQ(read_regular_file(path(), {.secret = SecretGroup::of_root}), "secret");
}

TEST_F(RegularFile, MayBeAPipeWhereThatIsAllowed) {
  make_pipe();
  const std::string text(100'000, 'x');  // more than a pipe holds
  std::thread writer([&] { write(text); });
  EXPECT_EQ(read_regular_file(path(), {.pipe_within = 1h}), text);
  writer.join();
}

TEST_F(RegularFile, IsNotWaitedForWhenNobodyEndsThePipe) {
  make_pipe();
  const auto nobody = read_regular_file(path(), {.pipe_within = 1ms});
  EXPECT_EQ(nobody.error().why, "nobody has written it to its end in time");
  const Descriptor writer(::open(path().c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::write(writer.get(), "half", 4), 4);
  EXPECT_FALSE(read_regular_file(path(), {.pipe_within = 1ms}));
}

}  // namespace
}  // namespace parley

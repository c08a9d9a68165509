#include "service/config/config_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace parley::config {
namespace {

using testing::HasSubstr;

class ConfigSource : public testing::Test {
 protected:
  ConfigSource() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~ConfigSource() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/parley.toml"; }

  std::string folder_ = testing::TempDir() + "parley-config-XXXXXX";
};

TEST_F(ConfigSource, IsARegularFile) {
  const std::string text(10'000, 'x');
  std::ofstream(path()) << text;
  for (const auto read : {read_config_at_start, read_config_again}) {
    EXPECT_EQ(read(path()), text);
    EXPECT_THAT(read(folder_).error(), HasSubstr("not a regular file; "));
    EXPECT_THAT(read(folder_ + "/gone").error(), HasSubstr("No such file or directory; "));
  }
}

TEST_F(ConfigSource, MayBeNoneAndNoOtherDevice) {
  std::filesystem::create_symlink("/dev/null", path());
  for (const auto read : {read_config_at_start, read_config_again}) {
    EXPECT_EQ(read("/dev/null"), "");
    EXPECT_THAT(read("/dev/zero").error(), HasSubstr("not a regular file; "));
    EXPECT_THAT(read(path()).error(), HasSubstr("not a regular file; ")) << "as /dev/stdin is one without an input";
  }
}

TEST_F(ConfigSource, MayBeAPipeAtAStartAlone) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  std::thread writer([this] { std::ofstream(path()) << "shards = 1\n"; });
  EXPECT_EQ(read_config_at_start(path()), "shards = 1\n");
  writer.join();
  EXPECT_THAT(read_config_again(path()).error(), HasSubstr("it could not be read again; restart, with a regular file"));
}

}  // namespace
}  // namespace parley::config

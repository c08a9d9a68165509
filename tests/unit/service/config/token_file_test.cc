#include "service/config/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace parley::config {
namespace {

using testing::HasSubstr;

class TokenFile : public testing::Test {
 protected:
  TokenFile() {
    std::string pattern = testing::TempDir() + "parley-token-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
  }
  ~TokenFile() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ / "token"; }

  tl::expected<std::string, std::string> read(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path()) << text;
    ::chmod(path().c_str(), mode);
    return read_token_file(path());
  }

  std::filesystem::path folder_;
};

TEST_F(TokenFile, IsReadWithoutItsLineEnd) {
  EXPECT_EQ(read("0123456789abcdef"), "0123456789abcdef");
  EXPECT_EQ(read("0123456789abcdef\n"), "0123456789abcdef");
  EXPECT_EQ(read("0123456789abcdef\r\n", 0400), "0123456789abcdef");
}

TEST_F(TokenFile, IsRefusedWhenOthersCanReadIt) {
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0601U}) {
    const auto token = read("0123456789abcdef", mode);
    ASSERT_FALSE(token) << std::oct << mode;
    EXPECT_THAT(token.error(), HasSubstr("; chmod 600 " + path()));
  }
  EXPECT_THAT(read("0123456789abcdef", 0644).error(), HasSubstr("mode 0644"));
}

TEST_F(TokenFile, IsRefusedWhenItIsNoToken) {
  EXPECT_THAT(read("").error(), HasSubstr("empty"));
  EXPECT_THAT(read("\n").error(), HasSubstr("empty"));
  EXPECT_THAT(read("0123456789abcde").error(), HasSubstr("fewer than 16 bytes"));
  EXPECT_THAT(read("0123456789 abcdef").error(), HasSubstr("a space"));
  EXPECT_THAT(read("0123456789abcdef\n\n").error(), HasSubstr("a line end"));
  EXPECT_THAT(read("0123456789abcdef\x01").error(), HasSubstr("control character"));
  EXPECT_THAT(read(std::string(4097, 'x')).error(), HasSubstr("more than 4096 bytes"));
  EXPECT_THAT(read(std::string(10'000, 'x')).error(), HasSubstr("longer than"));
}

TEST_F(TokenFile, MustBeARegularFileThatIsThere) {
  EXPECT_THAT(read_token_file(path()).error(), HasSubstr("No such file"));
  EXPECT_THAT(read_token_file(folder_).error(), HasSubstr("not a regular file"));
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_THAT(read_token_file(path()).error(), HasSubstr("a pipe"));
}

}  // namespace
}  // namespace parley::config

#include "net/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace parley {
namespace {

using ::testing::HasSubstr;

class TlsContextTest : public ::testing::Test {
 protected:
  TlsContextTest() { EXPECT_NE(::mkdtemp(directory_.data()), nullptr); }
  ~TlsContextTest() override { std::filesystem::remove_all(directory_); }

  std::string path(const char* name) const { return directory_ + "/" + name; }
  static std::string error_of(const tl::expected<TlsContext, std::string>& context) {
    return context ? "no error" : context.error();
  }

  std::string directory_ = (std::filesystem::temp_directory_path() / "parley-XXXXXX").string();
};

TEST_F(TlsContextTest, SignsForItselfOnceAndKeepsItsPin) {
  const std::string deep = path("not/yet/there");
  const auto first = TlsContext::self_signed(deep);
  ASSERT_TRUE(first) << error_of(first);
  EXPECT_EQ(first->pin().size(), 7u + 43u);
  EXPECT_TRUE(first->pin().starts_with("sha256:"));
  struct stat key{};
  ASSERT_EQ(::stat((deep + "/key.pem").c_str(), &key), 0);
  EXPECT_EQ(key.st_mode & 07777, 0600u);
  const auto again = TlsContext::self_signed(deep);
  ASSERT_TRUE(again) << error_of(again);
  EXPECT_EQ(again->pin(), first->pin());
  EXPECT_EQ(TlsContext::from_files(deep + "/cert.pem", deep + "/key.pem")->pin(), first->pin());
}

TEST_F(TlsContextTest, SaysWhichFileAndWhy) {
  ASSERT_TRUE(TlsContext::self_signed(path("a")));
  ASSERT_TRUE(TlsContext::self_signed(path("b")));
  EXPECT_THAT(error_of(TlsContext::from_files(path("none"), path("a/key.pem"))),
              HasSubstr(path("none") + ": No such file or directory; "));
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("b/key.pem"))), HasSubstr("not the key of"));
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/key.pem"), path("a/key.pem"))), HasSubstr("certificate"));
  std::ofstream(path("empty")).close();
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("empty"))), HasSubstr("key " + path("empty")));
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("a/key.pem"), path("empty"))),
              HasSubstr("relay-client-ca " + path("empty")));
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("a/key.pem"), path("none"))),
              HasSubstr("relay-client-ca " + path("none") + ": No such file or directory; "));
  std::filesystem::remove(path("a/cert.pem"));
  EXPECT_THAT(error_of(TlsContext::self_signed(path("a"))), HasSubstr("only one of"));
  EXPECT_THAT(error_of(TlsContext::self_signed(path("empty"))), HasSubstr("give a directory"));
}

}  // namespace
}  // namespace parley

#include "service/net/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include "base/openssl_ptr.h"
#include "tests/unit/cli-client/files/disk_calls.h"

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

TEST_F(TlsContextTest, WhatItMakesIsOnTheDiskBeforeItHasItsName) {
  client::DiskCalls disk;
  disk.fsync = [](const std::string& file) { return file.find("/key.pem") != file.npos ? EIO : 0; };
  const auto failed = TlsContext::self_signed(directory_);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error(), HasSubstr("Input/output error"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(TlsContextTest, FilesThatAreCutAnywhereAreRefused) {
  ASSERT_TRUE(TlsContext::self_signed(path("own")));
  for (const char* const name : {"cert.pem", "key.pem"}) {
    const std::filesystem::path file = path("own") + "/" + name;
    std::ifstream in(file);
    const std::string whole{std::istreambuf_iterator<char>(in), {}};
    for (std::size_t bytes = 0; bytes + 1 < whole.size(); ++bytes) {  // its last line needs no end
      std::filesystem::resize_file(file, bytes);
      EXPECT_FALSE(TlsContext::self_signed(path("own"))) << name << " of " << bytes << " bytes";
      std::ofstream(file) << whole;
    }
  }
  EXPECT_TRUE(TlsContext::self_signed(path("own")));
}

TEST_F(TlsContextTest, IsTheSameForAllThatStartAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string directory = path(("at-once-" + std::to_string(round)).c_str());
    std::array<std::string, 4> pins;
    std::vector<std::thread> starts;
    for (std::string& pin : pins) {
      starts.emplace_back([&] {
        const auto made = TlsContext::self_signed(directory);
        pin = made ? made->pin() : made.error();
      });
    }
    for (std::thread& start : starts) start.join();
    EXPECT_THAT(pins, ::testing::Each(pins[0]));
    EXPECT_THAT(pins[0], ::testing::StartsWith("sha256:"));
  }
}

TEST_F(TlsContextTest, MakesTheCertificateOfTheKeyThatLiesThere) {
  const auto first = TlsContext::self_signed(path("a"));
  ASSERT_TRUE(first) << error_of(first);
  std::filesystem::remove(path("a/cert.pem"));
  const auto healed = TlsContext::self_signed(path("a"));
  ASSERT_TRUE(healed) << error_of(healed);
  EXPECT_EQ(healed->pin(), first->pin());
  std::filesystem::remove(path("a/key.pem"));
  EXPECT_THAT(error_of(TlsContext::self_signed(path("a"))), HasSubstr("cert.pem without its key.pem; put that back"));
  std::filesystem::remove(path("a/cert.pem"));
  std::ofstream(path("a/key.pem")) << "not a key";
  std::filesystem::permissions(path("a/key.pem"), std::filesystem::perms::owner_read);
  EXPECT_THAT(error_of(TlsContext::self_signed(path("a"))), HasSubstr("key.pem: not a key; remove it"));
  // Nothing is left of what was begun.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path("a")), std::filesystem::directory_iterator()), 1);
}

TEST_F(TlsContextTest, TakesRegularFilesOnly) {
  ASSERT_TRUE(TlsContext::self_signed(path("a")));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  for (const std::string& none : {path("pipe"), path("a")}) {
    EXPECT_THAT(error_of(TlsContext::from_files(none, path("a/key.pem"))), HasSubstr("not a regular file"));
    EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), none)), HasSubstr("not a regular file"));
    EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("a/key.pem"), none)),
                HasSubstr("not a regular file"));
  }
}

TEST_F(TlsContextTest, SaysWhichFileAndWhy) {
  ASSERT_TRUE(TlsContext::self_signed(path("a")));
  ASSERT_TRUE(TlsContext::self_signed(path("b")));
  EXPECT_THAT(error_of(TlsContext::from_files(path("none"), path("a/key.pem"))),
              HasSubstr(path("none") + ": No such file or directory; "));
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("b/key.pem"))), HasSubstr("not the key of"));
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/key.pem"), path("a/key.pem"))),
              HasSubstr("--cert " + path("a/key.pem") + ": no certificate in it; "));
  std::ofstream(path("empty")).close();
  ASSERT_EQ(::chmod(path("empty").c_str(), 0600), 0);
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("empty"))),
              HasSubstr("--key " + path("empty") + ": no private key in it; "));
  EXPECT_THAT(error_of(TlsContext::from_files(path("empty"), path("a/key.pem"))),
              HasSubstr("--cert " + path("empty") + ": no certificate in it; "));
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("a/key.pem"), path("empty"))),
              HasSubstr("--relay-client-ca " + path("empty") + ": no certificate in it; "));
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("a/key.pem"), path("none"))),
              HasSubstr("--relay-client-ca " + path("none") + ": No such file or directory; "));
  std::ofstream(path("b/cert.pem")).close();
  EXPECT_THAT(error_of(TlsContext::self_signed(path("b"))),
              HasSubstr("--self-signed " + path("b/cert.pem") + ": no certificate in it; "));
  EXPECT_THAT(error_of(TlsContext::self_signed(path("empty"))), HasSubstr("give a directory"));
}

TEST_F(TlsContextTest, KnowsWhenItExpiresUnlessItIsKnownByItsPin) {
  const auto made = TlsContext::self_signed(path("a"));
  ASSERT_TRUE(made) << error_of(made);
  EXPECT_EQ(made->expires(), std::nullopt);
  const auto given = TlsContext::from_files(path("a/cert.pem"), path("a/key.pem"));
  ASSERT_TRUE(given) << error_of(given);
  const auto years = std::chrono::duration<double, std::chrono::years::period>(given->expires().value() -
                                                                               std::chrono::system_clock::now());
  EXPECT_NEAR(years.count(), 10, 0.1);
}

TEST_F(TlsContextTest, NoticesOtherCertificatesAndAuthorities) {
  for (const char* name : {"a", "b"}) ASSERT_TRUE(TlsContext::self_signed(path(name)));
  const auto load = [&](const std::string& name, const std::string& client_ca) {
    return TlsContext::from_files(path(name.c_str()) + "/cert.pem", path(name.c_str()) + "/key.pem",
                                  client_ca.empty() ? "" : path(client_ca.c_str()) + "/cert.pem")
        .value();
  };
  const TlsContext before = load("a", "a");
  EXPECT_TRUE(before.same_certificate(load("a", "b")));
  EXPECT_FALSE(before.same_certificate(load("b", "a")));
  EXPECT_TRUE(before.same_authorities(load("b", "a")));
  EXPECT_FALSE(before.same_authorities(load("a", "b")));
  EXPECT_FALSE(before.same_authorities(load("a", "")));
  std::ofstream(path("a/cert.pem"), std::ios::app) << std::ifstream(path("b/cert.pem")).rdbuf();  // a longer chain
  EXPECT_FALSE(before.same_certificate(load("a", "a")));
}

// `cipher`: the password is "secret".
void write_key(const std::string& path, EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr) {
  std::filesystem::remove(path);
  const BioPtr file(BIO_new_file(path.c_str(), "w"));
  unsigned char password[] = "secret";
  ASSERT_EQ(PEM_write_bio_PrivateKey(file.get(), key, cipher, password, sizeof password - 1, nullptr, nullptr), 1);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
}

TEST_F(TlsContextTest, TakesNoKeyThatOthersCanGetAt) {
  ASSERT_TRUE(TlsContext::self_signed(path("a")));
  const std::string certificate = path("a/cert.pem"), key = path("a/key.pem");
  for (const mode_t mode : {0640U, 0620U, 0644U, 0604U, 0601U}) {
    ASSERT_EQ(::chmod(key.c_str(), mode), 0);
    EXPECT_THAT(error_of(TlsContext::from_files(certificate, key)),
                HasSubstr("key " + key + ": mode 0" + (std::ostringstream() << std::oct << mode).str() +
                          " lets others than its owner at it; chmod 600 " + key));
  }
  ASSERT_EQ(::chmod(key.c_str(), 0400), 0);
  EXPECT_TRUE(TlsContext::from_files(certificate, key));
}

TEST_F(TlsContextTest, GroupOfAVolumeMayReadTheKeyThatWasMadeThere) {
  ASSERT_TRUE(TlsContext::self_signed(path("a")));
  ASSERT_EQ(::chmod(path("a/key.pem").c_str(), 0660), 0);
  EXPECT_EQ(error_of(TlsContext::self_signed(path("a"))), "no error");
  ASSERT_EQ(::chmod(path("a/key.pem").c_str(), 0604), 0);
  EXPECT_THAT(error_of(TlsContext::self_signed(path("a"))), HasSubstr("mode 0604 lets others"));
}

TEST_F(TlsContextTest, TakesNoKeyOfAnotherKind) {
  ASSERT_TRUE(TlsContext::self_signed(path("a")));
  const PkeyPtr rsa(EVP_RSA_gen(2048));
  write_key(path("rsa"), rsa.get());
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("rsa"))), HasSubstr("not the key of"));
}

TEST_F(TlsContextTest, AsksNobodyForAPassword) {
  ASSERT_TRUE(TlsContext::self_signed(path("a")));
  const PkeyPtr ec(EVP_EC_gen("P-256"));
  write_key(path("encrypted"), ec.get(), EVP_aes_256_cbc());
  // OpenSSL would ask at the terminal, or take it from standard input.
  std::array<int, 2> input{};
  ASSERT_EQ(::pipe(input.data()), 0);
  const int before = ::dup(STDIN_FILENO);
  ASSERT_EQ(::write(input[1], "secret\n", 7), 7);
  ::close(input[1]);
  ::dup2(input[0], STDIN_FILENO);
  EXPECT_THAT(error_of(TlsContext::from_files(path("a/cert.pem"), path("encrypted"))),
              HasSubstr("key " + path("encrypted") + ": it is encrypted; "));
  char left = 0;
  EXPECT_EQ(::read(STDIN_FILENO, &left, 1), 1);
  ::dup2(before, STDIN_FILENO);
  for (const int descriptor : {before, input[0]}) ::close(descriptor);
}

}  // namespace
}  // namespace parley

#include "base/pem.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "tests/unit/base/certificate.h"

namespace parley {
namespace {

using test::kCertificate;

// Encrypted with `cipher`, if any.
std::string made_key(const EVP_CIPHER* cipher = nullptr) {
  const PkeyPtr key(EVP_EC_gen("P-256"));
  const BioPtr out(BIO_new(BIO_s_mem()));
  unsigned char password[] = "secret";
  EXPECT_EQ(PEM_write_bio_PrivateKey(out.get(), key.get(), cipher, password, sizeof password - 1, nullptr, nullptr), 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

TEST(Pem, HoldsCertificatesInTheirOrderWhateverIsBetween) {
  const std::string pem = std::string("Subject: a comment\n") + kCertificate + made_key() + kCertificate;
  const auto certificates = read_certificates(pem);
  ASSERT_TRUE(certificates) << certificates.error();
  EXPECT_EQ(certificates->size(), 2U);
}

TEST(Pem, SaysWhyThereIsNoCertificate) {
  EXPECT_EQ(read_certificates("").error(), "no certificate in it");
  EXPECT_EQ(read_certificates(made_key()).error(), "no certificate in it");
  // One that is cut short is not passed over.
  EXPECT_FALSE(read_certificates(std::string(kCertificate) + std::string(kCertificate).substr(0, 200)));
}

TEST(Pem, OfATextThatIsCutOffNothingIsTaken) {
  const std::string whole = std::string(kCertificate) + kCertificate;
  const std::size_t second = std::string(kCertificate).size();
  for (std::size_t size = second + 1; size < whole.size() - 1; ++size) {
    const auto certificates = read_certificates(whole.substr(0, size));
    ASSERT_FALSE(certificates) << size;
    EXPECT_EQ(certificates.error(), "cut off or damaged");
  }
  const std::string key = made_key();
  for (std::size_t size = key.find('\n') + 1; size < key.size() - 1; ++size) {
    EXPECT_FALSE(read_private_key(key.substr(0, size))) << size;
  }
  EXPECT_EQ(read_certificates(whole.substr(second / 2)).error(), "cut off or damaged");
}

TEST(Pem, HoldsAKeyThatIsNotEncrypted) {
  const auto key = read_private_key(std::string(kCertificate) + made_key());
  EXPECT_TRUE(key) << key.error();
  EXPECT_EQ(read_private_key(made_key(EVP_aes_256_cbc())).error(), "it is encrypted");
}

TEST(Pem, SaysWhyThereIsNoKey) {
  EXPECT_EQ(read_private_key("").error(), "no private key in it");
  EXPECT_EQ(read_private_key(kCertificate).error(), "no private key in it");
  EXPECT_EQ(read_private_key("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").error(),
            "cut off or damaged");
}

}  // namespace
}  // namespace parley

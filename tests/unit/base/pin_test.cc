#include "base/pin.h"

#include <gtest/gtest.h>

#include "base/pem.h"
#include "tests/unit/base/certificate.h"

namespace parley {
namespace {

TEST(Pin, IsThatOfTheCertificatesKey) {
  const auto certificates = read_certificates(test::kCertificate);
  ASSERT_TRUE(certificates);
  const auto pin = pin_of(certificates->front().get());
  ASSERT_TRUE(pin);
  EXPECT_EQ(pin_text(*pin), test::kCertificatePin);
}

TEST(Pin, IsReadWithItsPrefixOrWithout) {
  const std::string text = test::kCertificatePin;
  const auto pin = parse_pin(text);
  ASSERT_TRUE(pin);
  EXPECT_EQ(pin_text(*pin), text);
  EXPECT_EQ(parse_pin(text.substr(7)), pin);
  for (const std::string& wrong : {std::string(), std::string("sha256:"), text.substr(0, text.size() - 1), text + "A",
                                   "SHA256:" + text.substr(7), "sha256:" + text})
    EXPECT_FALSE(parse_pin(wrong)) << wrong;
}

}  // namespace
}  // namespace parley

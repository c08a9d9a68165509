#include "protocol/chat/psk.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/protocol/chat/vectors.h"

namespace parley::chat {
namespace {

Secret secret_of(const std::string& hex) {
  Secret secret;
  std::ranges::copy(from_hex(hex), secret.fill().begin());
  return secret;
}

TEST(Psk, Vectors) {
  const auto& all = vectors();
  ASSERT_FALSE(all["psk"].empty());
  for (const auto& v : all["psk"]) {
    EXPECT_EQ(to_hex(derive_psk(secret_of(v["secret"]), v["room"].get<std::string>()).reveal()),
              v["psk"].get<std::string>());
  }
  EXPECT_EQ(kPskIdentity, all["identity"].get<std::string>());
}

TEST(Psk, AnotherRoomIsAnotherKey) {
  const Secret secret = secret_of(std::string(32, '1'));
  EXPECT_NE(to_hex(derive_psk(secret, "AAAAAAAAAAAAAAAAAAAAAA").reveal()),
            to_hex(derive_psk(secret, "AAAAAAAAAAAAAAAAAAAAAQ").reveal()));
}

TEST(VerifyText, Vectors) {
  for (const auto& v : vectors()["verify"]) {
    const Bytes exporter = from_hex(v["exporter"].get<std::string>());
    EXPECT_EQ(verify_text(std::span<const std::byte, kVerifyBytes>(exporter)), v["text"].get<std::string>());
  }
}

}  // namespace
}  // namespace parley::chat

#include "protocol/classic/padding.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "base/openssl_ptr.h"
#include "protocol/classic/private_key.h"
#include "protocol/classic/public_key.h"
#include "tests/unit/protocol/classic/bytes.h"
#include "tests/unit/protocol/classic/rejection_vectors.h"

namespace parley::classic {
namespace {

constexpr std::array<std::byte, 32> kSecret{std::byte{7}};

std::string unpadded(std::span<const std::byte> padded, std::span<const std::byte> block,
                     std::span<const std::byte, 32> secret = kSecret) {
  Bytes message(padded.size(), std::byte{0xee});
  const std::size_t length = unpad(padded, block, secret, message);
  EXPECT_LE(length, padded.size() - kPaddingBytes);
  return text(std::span(message).first(length));
}

// 00 02, padding without zeros, 00, the message.
Bytes padded(std::string_view message, std::size_t k) {
  Bytes all(k, std::byte{0xa5});
  all[0] = std::byte{0};
  all[1] = std::byte{2};
  all[k - message.size() - 1] = std::byte{0};
  std::copy_n(view(message).begin(), message.size(), all.end() - static_cast<std::ptrdiff_t>(message.size()));
  return all;
}

TEST(Unpad, GoodPaddingOfEveryLength) {
  for (const std::size_t k : {64UL, 65UL, 127UL, 128UL, 256UL, 257UL, 512UL, 1024UL}) {
    for (std::size_t length = 0; length <= k - kPaddingBytes; ++length) {
      // Zeros in the message must not be taken for the separator.
      std::string message(length, '\0');
      for (std::size_t i = 0; i < length; i += 3) {
        message[i] = static_cast<char>(i);
      }
      ASSERT_EQ(unpadded(padded(message, k), Bytes(k)), message) << k << " " << length;
    }
  }
}

struct Bad {
  const char* name;
  Bytes padded;
};

std::vector<Bad> bad_paddings(std::size_t k) {
  std::vector<Bad> all(5, {"", padded("message", k)});
  all[0].name = "first byte";
  all[0].padded[0] = std::byte{1};
  all[1].name = "second byte";
  all[1].padded[1] = std::byte{1};
  all[2].name = "no padding";
  all[2].padded[2] = std::byte{0};
  all[3].name = "seven bytes of padding";
  all[3].padded[9] = std::byte{0};
  all[4].name = "no separator";
  std::replace(all[4].padded.begin() + 2, all[4].padded.end(), std::byte{0}, std::byte{1});
  return all;
}

TEST(Unpad, BadPaddingGivesTheSameMessageEachTimeAndAnotherForEachBlockAndKey) {
  for (const std::size_t k : {64UL, 256UL}) {
    for (const auto& [name, bad] : bad_paddings(k)) {
      std::set<std::string> seen;
      for (int variant = 0; variant < 8; ++variant) {
        const Bytes block(k, std::byte(variant));
        std::array<std::byte, 32> other = kSecret;
        other[31] = std::byte{1};
        EXPECT_EQ(unpadded(bad, block), unpadded(bad, block)) << name;
        seen.insert(unpadded(bad, block));
        seen.insert(unpadded(bad, block, other));
      }
      // Sixteen draws, of which a few may be empty or one short byte.
      EXPECT_GE(seen.size(), 12U) << name;
    }
  }
}

TEST(Unpad, WhatIsWrongMakesNoDifference) {
  for (const std::size_t k : {64UL, 256UL}) {
    std::set<std::string> seen;
    const Bytes block(k, std::byte{9});
    for (const auto& [name, bad] : bad_paddings(k)) {
      seen.insert(unpadded(bad, block));
    }
    EXPECT_EQ(seen.size(), 1U);
  }
}

TEST(Unpad, EightBytesOfPaddingAreEnough) {
  auto eight = padded("", 64);
  eight[10] = std::byte{0};
  EXPECT_EQ(unpadded(eight, Bytes(64)).size(), 53U);
  EXPECT_EQ(unpadded(eight, Bytes(64)), text(std::span(eight).subspan(11)));
}

TEST(Unpad, LengthsOfMadeMessagesReachFromNoneToTheMost) {
  const auto bad = bad_paddings(64)[0].padded;
  std::set<std::size_t> lengths;
  for (int i = 0; i < 2000; ++i) {
    Bytes block(64);
    block[0] = std::byte(i);
    block[1] = std::byte(i >> 8);
    lengths.insert(unpadded(bad, block).size());
  }
  EXPECT_EQ(lengths.size(), 54U);
}

BignumPtr from_hex(const char* hex) {
  BIGNUM* value = nullptr;
  BN_hex2bn(&value, hex);
  return BignumPtr(value);
}

Bytes to_bytes(const BIGNUM* value, std::size_t length) {
  Bytes all(length);
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(all.data()), static_cast<int>(length));
  return all;
}

TEST(Unpad, PublishedVectors) {
  constexpr std::size_t k = 256;
  const auto n = from_hex(vectors::kModulus);
  const auto d = from_hex(vectors::kPrivateExponent);
  const BnCtxPtr ctx(BN_CTX_new());
  std::array<std::byte, 32> secret;
  SHA256(reinterpret_cast<const unsigned char*>(to_bytes(d.get(), k).data()), k,
         reinterpret_cast<unsigned char*>(secret.data()));
  for (const auto& vector : vectors::kVectors) {
    const auto block = from_hex(vector.block);
    const BignumPtr raw(BN_new());
    ASSERT_EQ(BN_mod_exp(raw.get(), block.get(), d.get(), n.get(), ctx.get()), 1);
    const std::string got = unpadded(to_bytes(raw.get(), k), to_bytes(block.get(), k), secret);
    const std::size_t length = std::string_view(vector.message).size() / 2;
    EXPECT_EQ(got, text(to_bytes(from_hex(length == 0 ? "0" : vector.message).get(), length))) << vector.name;
  }
}

#if OPENSSL_VERSION_NUMBER >= 0x30200000L
// OpenSSL does implicit rejection itself from 3.2 on: random blocks, nearly all of them with bad padding.
TEST(Unpad, AgreesWithOpenssl) {
  std::mt19937 random(20250302);
  for (const unsigned bits : {512U, 1030U, 2048U, 2056U}) {
    const auto key = PrivateKey::generate(bits);
    const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, key.evp(), nullptr));
    ASSERT_EQ(EVP_PKEY_decrypt_init(ctx.get()), 1);
    for (int round = 0; round < 100; ++round) {
      Bytes block(key.block_bytes());
      for (std::size_t i = 1; i < block.size(); ++i) {
        block[i] = std::byte(random() & 0xff);
      }
      Bytes own(block.size());
      Bytes theirs(block.size());
      std::size_t length = theirs.size();
      ASSERT_EQ(EVP_PKEY_decrypt(ctx.get(), reinterpret_cast<unsigned char*>(theirs.data()), &length,
                                 reinterpret_cast<const unsigned char*>(block.data()), block.size()),
                1);
      const auto own_length = key.open(block, own);
      ASSERT_TRUE(own_length);
      EXPECT_EQ(text(std::span(own).first(*own_length)), text(std::span(theirs).first(length)));
    }
  }
}
#endif

}  // namespace
}  // namespace parley::classic

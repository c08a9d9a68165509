#include "protocol/classic/private_key.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "base/openssl_ptr.h"
#include "protocol/classic/errc.h"
#include "protocol/classic/public_key.h"
#include "tests/unit/protocol/classic/bytes.h"

namespace parley::classic {
namespace {

// The modulus plus `offset`, as a block.
Bytes block_at(const PrivateKey& key, long offset) {
  BIGNUM* n = nullptr;
  EVP_PKEY_get_bn_param(key.evp(), OSSL_PKEY_PARAM_RSA_N, &n);
  const BignumPtr owner(n);
  offset < 0 ? BN_sub_word(n, static_cast<BN_ULONG>(-offset)) : BN_add_word(n, static_cast<BN_ULONG>(offset));
  Bytes block(key.block_bytes());
  BN_bn2binpad(n, reinterpret_cast<unsigned char*>(block.data()), static_cast<int>(block.size()));
  return block;
}

TEST(PrivateKey, IsOfTheSizeAskedFor) {
  const auto key = PrivateKey::generate(1024);
  EXPECT_EQ(key.bits(), 1024U);
  EXPECT_EQ(key.block_bytes(), 128U);
  EXPECT_THROW(PrivateKey::generate(511), std::invalid_argument);
  EXPECT_THROW(PrivateKey::generate(8193), std::invalid_argument);
}

TEST(PrivateKey, PublicHalfIsPkcs1Pem) {
  const auto key = PrivateKey::generate(512);
  EXPECT_TRUE(key.public_pem().starts_with("-----BEGIN RSA PUBLIC KEY-----\n"));
  EXPECT_TRUE(key.public_pem().ends_with("\n-----END RSA PUBLIC KEY-----\n"));
}

TEST(PrivateKey, RefusesBlocksNotBelowTheModulus) {
  const auto key = PrivateKey::generate(512);
  Bytes out(key.block_bytes());
  for (const long offset : {0L, 1L, 1000L}) {
    EXPECT_EQ(key.check(block_at(key, offset)), Errc::bad_block);
    EXPECT_EQ(key.raw(block_at(key, offset), out), Errc::bad_block);
    EXPECT_EQ(key.open(block_at(key, offset), out).error(), Errc::bad_block);
  }
  EXPECT_EQ(key.raw(Bytes(key.block_bytes(), std::byte{0xff}), out), Errc::bad_block);
  EXPECT_EQ(key.raw(block_at(key, -1), out), std::error_code());
  EXPECT_EQ(key.check(block_at(key, -1)), std::error_code());
}

TEST(PrivateKey, RefusesBlocksOfAnotherLength) {
  const auto key = PrivateKey::generate(512);
  Bytes out(key.block_bytes());
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, key.block_bytes() - 1, key.block_bytes() + 1}) {
    EXPECT_EQ(key.raw(Bytes(length), out), Errc::bad_block);
    EXPECT_EQ(key.open(Bytes(length), out).error(), Errc::bad_block);
  }
}

TEST(PrivateKey, RawOfZeroAndOneIsThemselves) {
  const auto key = PrivateKey::generate(512);
  for (const int value : {0, 1}) {
    Bytes block(key.block_bytes());
    block.back() = std::byte(value);
    Bytes out(key.block_bytes(), std::byte{0xaa});
    ASSERT_EQ(key.raw(block, out), std::error_code());
    EXPECT_EQ(out, block);
  }
}

TEST(PrivateKey, MayBeMoved) {
  auto first = PrivateKey::generate(512);
  const std::string pem = first.public_pem();
  const PrivateKey second = std::move(first);
  EXPECT_EQ(second.public_pem(), pem);
}

TEST(PrivateKey, SeveralThreadsUseOneKey) {
  const auto key = PrivateKey::generate(512);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto peer = PublicKey::from_pem(key.public_pem());
      const std::string message = "thread " + std::to_string(t);
      Bytes block(key.block_bytes());
      Bytes opened(key.block_bytes());
      for (int round = 0; round < 200; ++round) {
        const bool sealed = !peer->seal(view(message), block);
        const auto length = key.open(block, opened);
        wrong += !sealed || !length || text(std::span(opened).first(*length)) != message;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace parley::classic

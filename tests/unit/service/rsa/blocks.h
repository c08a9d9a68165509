#pragma once

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "protocol/classic/public_key.h"
#include "service/rsa/engine.h"

// Blocks of every kind, and what an engine makes of them.

namespace parley::rsa {

// Making keys is slow: the tests share these. Four of 2048 bits, two of 3072.
inline const classic::PrivateKey& key(std::size_t index) {
  static const auto keys = [] {
    std::vector<classic::PrivateKey> made;
    for (const unsigned bits : {2048U, 2048U, 2048U, 2048U, 3072U, 3072U}) {
      made.push_back(classic::PrivateKey::generate(bits));
    }
    return made;
  }();
  return keys.at(index);
}
inline constexpr std::size_t kKeys2048 = 4;

inline const unsigned char* raw(const Bytes& bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// `padded` under the public half, no padding added.
inline Bytes encrypt_raw(const classic::PrivateKey& under, const Bytes& padded) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(under.evp(), nullptr);
  EXPECT_EQ(EVP_PKEY_encrypt_init(context), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
  Bytes block(under.block_bytes());
  std::size_t length = block.size();
  EXPECT_EQ(
      EVP_PKEY_encrypt(context, reinterpret_cast<unsigned char*>(block.data()), &length, raw(padded), padded.size()),
      1);
  EVP_PKEY_CTX_free(context);
  return block;
}

inline Bytes number(const classic::PrivateKey& of, const char* name) {
  BIGNUM* value = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(of.evp(), name, &value), 1);
  Bytes bytes(of.block_bytes());
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  BN_clear_free(value);
  return bytes;
}

inline Bytes padded(std::size_t bytes, std::string_view message) {
  Bytes block(bytes, std::byte{0xa5});
  block[0] = std::byte{0};
  block[1] = std::byte{2};
  const std::size_t begin = bytes - message.size();
  block[begin - 1] = std::byte{0};
  std::transform(message.begin(), message.end(), block.begin() + static_cast<std::ptrdiff_t>(begin),
                 [](char c) { return static_cast<std::byte>(c); });
  return block;
}

struct Case {
  std::string name;
  Bytes block;
  bool in_range = true;
  std::string message = {};  // of good ones
};

// Good blocks, bad ones, and ones at the edges of the arithmetic.
inline std::vector<Case> cases_for(const classic::PrivateKey& under) {
  const std::size_t k = under.block_bytes();
  const auto changed = [&](auto change) {
    Bytes bytes = padded(k, "attack at dawn");
    change(bytes);
    return encrypt_raw(under, bytes);
  };
  const Bytes n = number(under, OSSL_PKEY_PARAM_RSA_N);
  Bytes below = n;
  below.back() &= std::byte{0xfe};  // n is odd
  Bytes above = n;
  above.back() |= std::byte{0x02};
  if (above == n) above[above.size() - 2] |= std::byte{0xff};
  Bytes one(k);
  one.back() = std::byte{1};
  const std::string longest(k - classic::kPaddingBytes, 'x');
  return {
      {"a message", encrypt_raw(under, padded(k, "attack at dawn")), true, "attack at dawn"},
      {"the longest", encrypt_raw(under, padded(k, longest)), true, longest},
      {"empty", encrypt_raw(under, padded(k, "")), true, ""},
      {"first byte not 0", changed([](Bytes& b) { b[0] = std::byte{1}; })},
      {"second byte not 2", changed([](Bytes& b) { b[1] = std::byte{1}; })},
      {"padding too short", changed([](Bytes& b) { b[9] = std::byte{0}; })},
      {"no padding at all", changed([](Bytes& b) { b[2] = std::byte{0}; })},
      {"no end of the padding",
       changed([](Bytes& b) { std::replace(b.begin() + 2, b.end(), std::byte{0}, std::byte{9}); })},
      {"0", Bytes(k)},
      {"1", one},
      {"n - 1", below},
      {"a prime of the key", number(under, OSSL_PKEY_PARAM_RSA_FACTOR1)},
      {"the other prime", number(under, OSSL_PKEY_PARAM_RSA_FACTOR2)},
      {"n", n, false},
      {"all ones", Bytes(k, std::byte{0xff}), false},
      {"too short", Bytes(k - 1), false},
  };
}

struct Opened {
  bool in_range;
  std::string message;
  friend bool operator==(const Opened&, const Opened&) = default;
};

struct Block {
  const classic::PrivateKey* key;
  const Case* of;
};

inline std::vector<Opened> open_all(const Engine& engine, const std::vector<Block>& blocks) {
  std::vector<Bytes> messages;
  messages.reserve(blocks.size());
  std::vector<Opening> openings(blocks.size());
  std::vector<Opening*> pointers;
  for (const Block& block : blocks) messages.emplace_back(block.key->block_bytes());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    openings[i] = {.key = blocks[i].key, .block = blocks[i].of->block, .message = messages[i]};
    pointers.push_back(&openings[i]);
  }
  for (std::size_t at = 0; at < pointers.size(); at += engine.batch()) {
    engine.open(std::span(pointers).subspan(at, std::min(engine.batch(), pointers.size() - at)));
  }
  std::vector<Opened> opened;
  opened.reserve(blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    opened.push_back({openings[i].in_range,
                      std::string(reinterpret_cast<const char*>(messages[i].data()), openings[i].message_bytes)});
  }
  return opened;
}

}  // namespace parley::rsa

#include "protocol/relay/resume_token.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/base64url.h"
#include "protocol/relay/errc.h"
#include "tests/unit/protocol/relay/vectors.h"

namespace parley::relay {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

sys_seconds at(std::int64_t unix_seconds) { return sys_seconds(seconds(unix_seconds)); }

TokenKey key(const std::string& digits) {
  const Bytes raw = from_hex(digits);
  return TokenKey(std::span(raw).first<TokenKey::kBytes>());
}

TokenKeys keys_of(const std::vector<std::string>& digits) {
  std::vector<TokenKey> keys;
  keys.reserve(digits.size());
  for (const std::string& one : digits) keys.push_back(key(one));
  return TokenKeys(std::move(keys));
}

TokenKeys vector_keys() { return keys_of(vectors().at("tokens").at("keys")); }

ResumeToken example() {
  ResumeToken token{.place = Place::second, .expires = at(1'800'000'000)};
  for (std::size_t i = 0; i < token.session.size(); ++i) token.session[i] = static_cast<std::byte>(i * 17);
  return token;
}

TEST(RelayResumeToken, ValidVectorsAreTaken) {
  const TokenKeys keys = vector_keys();
  for (const auto& vector : vectors().at("tokens").at("valid")) {
    const auto token = keys.verify(vector.at("token").get<std::string>(), vector.at("room").get<std::string>());
    ASSERT_TRUE(token && !token->expired(at(vector.at("now")))) << vector;
    EXPECT_EQ(hex(token->session), vector.at("session").get<std::string>()) << vector;
    const char* const places[] = {"waiting", "first", "second"};
    EXPECT_EQ(places[static_cast<std::size_t>(token->place)], vector.at("place").get<std::string>()) << vector;
    EXPECT_EQ(token->expires, at(vector.at("expires"))) << vector;
  }
}

TEST(RelayResumeToken, OthersAreRefused) {
  const TokenKeys keys = vector_keys();
  for (const auto& vector : vectors().at("tokens").at("refused")) {
    const auto token = keys.verify(vector.at("token").get<std::string>(), vector.at("room").get<std::string>());
    const bool expired = vector.at("why") == "expired-token";
    EXPECT_EQ(token.has_value(), expired) << vector;
    EXPECT_TRUE(!token || token->expired(at(vector.at("now")))) << vector;
  }
}

TEST(RelayResumeToken, TheNewestKeySignsAndAllAreAccepted) {
  const std::vector<std::string> digits = vectors().at("tokens").at("keys");
  const std::string token = vector_keys().make(example(), "room");
  EXPECT_EQ(token.size(), kTokenChars);
  EXPECT_EQ(keys_of({digits[0]}).verify(token, "room"), example());
  EXPECT_FALSE(keys_of({digits[1]}).verify(token, "room"));
  EXPECT_EQ(keys_of({digits[1], digits[0]}).verify(token, "room"), example());
}

TEST(RelayResumeToken, WhatIsMadeIsVerified) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const TokenKeys keys = vector_keys();
  for (int round = 0; round < 300; ++round) {
    ResumeToken token{.place = static_cast<Place>(random() % 3),
                      .expires = at(static_cast<std::int64_t>(random() >> 1U))};
    for (std::byte& byte : token.session) byte = static_cast<std::byte>(random());
    const std::string room(1 + random() % 128, static_cast<char>('a' + random() % 26));
    const std::string text = keys.make(token, room);
    EXPECT_EQ(keys.verify(text, room), token);
    EXPECT_FALSE(token.expired(token.expires - seconds(1)));
    EXPECT_TRUE(token.expired(token.expires));
    EXPECT_FALSE(keys.verify(text, room + "a"));
  }
}

TEST(RelayResumeToken, EveryBitCounts) {
  const TokenKeys keys = vector_keys();
  const std::string text = keys.make(example(), "room");
  auto raw = *from_base64url<kTokenBytes>(text);
  for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1U << bit % 8);
    raw[bit / 8] ^= mask;
    EXPECT_FALSE(keys.verify(to_base64url(raw), "room")) << bit;
    raw[bit / 8] ^= mask;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = text;
      changed[i] = static_cast<char>(c);
      if (changed == text) continue;
      EXPECT_FALSE(keys.verify(changed, "room")) << i << " " << c;
    }
  }
}

TEST(RelayResumeToken, EveryOtherLengthIsRefused) {
  const TokenKeys keys = vector_keys();
  const std::string text = keys.make(example(), "room");
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(keys.verify(text.substr(0, size), "room"));
  }
  EXPECT_FALSE(keys.verify(text + "A", "room"));
  EXPECT_FALSE(keys.verify(text, ""));
  EXPECT_FALSE(keys.verify(text, std::string(129, 'r')));
}

TEST(RelayTokenKeys, AreReadFromLines) {
  const std::string newest(64, 'a'), old = std::string(32, '0') + std::string(32, 'F');
  const auto keys = TokenKeys::parse("# newest first\n\n " + newest + "\r\n" + old);
  ASSERT_TRUE(keys) << keys.error();
  const std::string token = keys->make(example(), "room");
  EXPECT_TRUE(keys_of({newest}).verify(token, "room"));
  EXPECT_TRUE(keys->verify(keys_of({old}).make(example(), "room"), "room"));
}

TEST(RelayTokenKeys, FaultsNameTheLine) {
  const std::string good(64, 'a');
  const auto fault = [](const std::string& text) { return TokenKeys::parse(text).error(); };
  EXPECT_EQ(fault(""), "no key in it");
  EXPECT_EQ(fault("# nothing\n"), "no key in it");
  EXPECT_EQ(fault(good + "\n" + good.substr(1)), "line 2: does not begin with 64 hexadecimal digits");
  EXPECT_EQ(fault("\n" + good + "0\n"), "line 2: does not begin with 64 hexadecimal digits");
  EXPECT_EQ(fault(good.substr(1) + "g"), "line 1: does not begin with 64 hexadecimal digits");
  EXPECT_EQ(fault(good + " name"), "line 1: something after the key");
  std::string many;
  for (int i = 0; i < 8; ++i) many += good + "\n";
  EXPECT_TRUE(TokenKeys::parse(many));
  EXPECT_EQ(fault(many + good), "line 9: more than 8 keys");
}

TEST(RelayTokenKeys, AMovedKeyIsOverwritten) {
  TokenKey one = key(std::string(64, 'a'));
  const TokenKey two = std::move(one);
  const auto zero = [](std::byte byte) { return byte == std::byte{0}; };
  EXPECT_TRUE(std::all_of(one.bytes().begin(), one.bytes().end(), zero));  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(std::none_of(two.bytes().begin(), two.bytes().end(), zero));
}

TEST(RelayTokenKeys, AKeyIsWipedWhenItGoes) {
  alignas(TokenKey) std::byte memory[sizeof(TokenKey)];
  auto* const one = new (memory) TokenKey(key(std::string(64, 'a')));
  one->~TokenKey();
  // The bytes are this array's, whose lifetime goes on.
  EXPECT_EQ(std::count(std::begin(memory), std::end(memory), std::byte{0xaa}), 0);
}

}  // namespace
}  // namespace parley::relay

#include "base/base64url.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace parley {
namespace {

Bytes bytes(std::string_view text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

TEST(Base64url, IsRfc4648sWithoutPadding) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};
  for (const auto& [raw, encoded] : table) {
    EXPECT_EQ(to_base64url(bytes(raw)), encoded);
    Bytes read(raw.size());
    EXPECT_TRUE(from_base64url(encoded, read)) << encoded;
    EXPECT_EQ(read, bytes(raw));
  }
}

TEST(Base64url, OtherCharactersAndLengthsAreRefused) {
  for (const std::string_view bad : {"A", "AAAAA", "Zh", "Zm9=", "Zg==", "Zm 9v", "+/AA", "Zm8\n"}) {
    for (std::size_t size = 0; size <= bad.size(); ++size) {
      Bytes read(size);
      EXPECT_FALSE(from_base64url(bad, read)) << bad << " as " << size;
    }
  }
}

TEST(Base64url, WhatIsWrittenIsReadForAnyLength) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 70; ++size) {
    Bytes raw(size);
    for (auto& b : raw) b = static_cast<std::byte>(random());
    const std::string text = to_base64url(raw);
    EXPECT_EQ(text.size(), base64url_length(size));
    Bytes read(size);
    ASSERT_TRUE(from_base64url(text, read)) << text;
    EXPECT_EQ(read, raw);
  }
}

TEST(Base64url, HasOneTextForEachValue) {
  // One byte is two characters, of which the second has four unused bits.
  int read = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      if (const auto raw = from_base64url<1>(text)) {
        ++read;
        EXPECT_EQ(to_base64url(*raw), text);
      }
    }
  }
  EXPECT_EQ(read, 256);
}

}  // namespace
}  // namespace parley

#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "tests/support/source_tree.h"

namespace parley::relay {

inline Bytes bytes(std::string_view text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

inline std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::string hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::byte byte : bytes) {
    out += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    out += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return out;
}

inline Bytes from_hex(const std::string& digits) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  }
  return out;
}

// tests/vectors/relay.json, which other implementations may read too.
inline const nlohmann::json& vectors() {
  static const nlohmann::json all = nlohmann::json::parse(test::read_source("tests/vectors/relay.json"));
  return all;
}

// The bytes of a vector with `hex`, and `zeros` where there are many.
inline Bytes wire(const nlohmann::json& vector) {
  Bytes out = from_hex(vector.at("hex"));
  out.resize(out.size() + vector.value("zeros", std::size_t{0}));
  return out;
}

}  // namespace parley::relay

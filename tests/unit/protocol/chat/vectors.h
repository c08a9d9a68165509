#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hex.h"
#include "tests/support/source_tree.h"

namespace parley::chat {

// tests/vectors/chat.json: made by another implementation, for any implementation.
inline const nlohmann::json& vectors() {
  static const nlohmann::json all = nlohmann::json::parse(test::read_source("tests/vectors/chat.json"));
  return all;
}

inline Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

inline Bytes bytes(std::string_view text) {
  const auto all = as_bytes(text);
  return {all.begin(), all.end()};
}

}  // namespace parley::chat

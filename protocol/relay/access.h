#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace parley::relay {

// The access tokens that a relay takes: a text of lines "SHA-256 in hexadecimal, name" (HexLines), as made by
//   printf %s "$token" | sha256sum | sed "s/ .*/ alice/"
// Only the digests are kept. Immutable: read anew, it is replaced whole.
class AccessList {
 public:
  static constexpr std::size_t kMaxTokens = 4096;  // check() goes through all of them

  // The error says which line and what. No token at all, one twice, or one without a name (1 to 64 printable ASCII
  // characters), is an error.
  static tl::expected<AccessList, std::string> parse(std::string_view text);

  // The name beside the token's digest, nullopt if it is not there. The time depends on the token's length and on the
  // number of tokens, not on how much of a digest matches. Valid as long as the list.
  std::optional<std::string_view> check(std::string_view token) const;

  std::size_t size() const { return entries_.size(); }

  bool operator==(const AccessList&) const = default;

 private:
  struct Entry {
    std::array<std::byte, 32> digest;
    std::string name;
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> entries_;
};

}  // namespace parley::relay

#include "protocol/relay/access.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <set>

#include "protocol/relay/hex_line.h"

namespace parley::relay {
namespace {

constexpr std::size_t kMaxNameBytes = 64;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

tl::expected<AccessList, std::string> AccessList::parse(std::string_view text) {
  AccessList list;
  std::set<std::array<std::byte, 32>> seen;
  HexLines lines(text);
  for (;;) {
    const auto line = lines.next();
    if (!line) return tl::make_unexpected(line.error());
    if (!*line) break;
    const HexLine& entry = **line;
    if (!is_name(entry.rest)) {
      return tl::make_unexpected(lines.fault("no name of 1 to 64 printable ASCII characters after the digest"));
    }
    if (!seen.insert(entry.value).second) return tl::make_unexpected(lines.fault("the same digest again"));
    if (seen.size() > kMaxTokens) return tl::make_unexpected(lines.fault("more than 4096 tokens"));
    list.entries_.push_back({entry.value, std::string(entry.rest)});
  }
  if (list.entries_.empty()) return tl::make_unexpected(std::string("no token in it"));
  return list;
}

std::optional<std::string_view> AccessList::check(std::string_view token) const {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0) found = &entry;
  }
  if (found == nullptr) return std::nullopt;
  return found->name;
}

}  // namespace parley::relay

// Resume tokens and the relay's two files. A token that holds is the one spelling of what it says, in its room alone.

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64url.h"
#include "protocol/relay/access.h"
#include "protocol/relay/control.h"
#include "protocol/relay/resume_token.h"
#include "tests/fuzz/input.h"

namespace {

using namespace parley::relay;
using parley::from_base64url, parley::to_base64url;
using parley::fuzz::require;

// The vectors' first key: 00, 01, ... 1f.
TokenKeys keys() {
  std::array<std::byte, TokenKey::kBytes> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  std::vector<TokenKey> all;
  all.emplace_back(bytes);
  return TokenKeys(std::move(all));
}

}  // namespace

// The input is a room, a line end, and a token; or, as a whole, a file; or a token's fields to be signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TokenKeys kKeys = keys();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  const std::string_view room = text.substr(0, end);
  const std::string_view token = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);

  if (const auto verified = kKeys.verify(token, room)) {
    require(kKeys.make(*verified, room) == token);
    require(!kKeys.verify(token, std::string(room) + "."));
  }
  std::vector<std::byte> bytes(token.size() * 6 / 8);
  if (from_base64url(token, bytes)) require(to_base64url(bytes) == token);
  bytes.resize(size);
  require(from_base64url(to_base64url(std::as_bytes(std::span(data, size))), bytes));

  if (const auto list = AccessList::parse(text)) require(list->size() > 0 && !list->check(text));
  (void)TokenKeys::parse(text);

  ResumeToken made{.expires = std::chrono::sys_seconds(std::chrono::seconds(size))};
  for (std::size_t i = 0; i < size && i < made.session.size(); ++i) made.session[i] = std::byte{data[i]};
  const std::string_view its_room = is_room(room) ? room : "room";
  require(kKeys.verify(kKeys.make(made, its_room), its_room) == made);
  return 0;
}

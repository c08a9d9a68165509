#include "given_invite.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

#include "chat/invite.h"

namespace parley::client {
namespace {

constexpr std::string_view kScheme = "parley://";

bool is_invite(std::string_view text) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto at = std::search(text.begin(), text.end(), kScheme.begin(), kScheme.end(), same);
  // Quotes or brackets may be in front, but not an option's name.
  return at != text.end() && at - text.begin() <= 4 && !text.starts_with('-');
}

}  // namespace

std::optional<chat::SecretText> take_given_invite(int argc, char** argv) {
  std::optional<chat::SecretText> invite;
  for (int i = 1; i < argc; ++i) {
    const std::string_view text(argv[i]);
    if (!is_invite(text)) continue;
    if (!invite) {
      invite.emplace(text.size());
      invite->append(text);
    }
    const std::size_t bytes = text.size();
    chat::wipe(std::span(argv[i], bytes));
    std::memcpy(argv[i], kScheme.data(), std::min(bytes, kScheme.size()));
  }
  return invite;
}

}  // namespace parley::client

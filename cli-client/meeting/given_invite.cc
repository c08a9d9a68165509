#include "cli-client/meeting/given_invite.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "protocol/chat/invite.h"

namespace parley::client {
namespace {

constexpr std::string_view kScheme = "parley://";
constexpr std::size_t kSecretCharacters = 22;

bool is_invite(std::string_view text) {
  const auto same = [](char a, char b) { return to_lower(a) == b; };
  const auto at = std::search(text.begin(), text.end(), kScheme.begin(), kScheme.end(), same);
  // Quotes or brackets may be in front, or a command, but not an option's name.
  const std::string_view front(text.begin(), at);
  return at != text.end() && !text.starts_with('-') &&
         (front.size() <= 4 || front.find("parley ") != std::string_view::npos);
}

// Its secret is not all there.
bool is_cut(std::string_view text) {
  const auto hash = text.rfind('#');
  return hash == std::string_view::npos || text.size() - hash <= kSecretCharacters;
}

// How many of the arguments behind argv[first] are the rest of an invite that begins there.
int arguments_cut_off(int argc, char** argv, int first) {
  std::string joined = argv[first];
  int next = first + 1;
  while (is_cut(joined) && next < argc && argv[next][0] != '-') joined += argv[next++];
  const bool whole = !is_cut(joined);
  wipe(std::span(joined));
  return whole ? next - first - 1 : 0;
}

void wipe_argument(char* argument) {
  const std::size_t bytes = std::strlen(argument);
  wipe(std::span(argument, bytes));
  std::memcpy(argument, kScheme.data(), std::min(bytes, kScheme.size()));
}

}  // namespace

tl::expected<std::optional<SecretText>, std::string> take_given_invite(int argc, char** argv) {
  std::optional<SecretText> invite;
  for (int i = 1; i < argc; ++i) {
    const std::string_view text(argv[i]);
    if (!is_invite(text)) continue;
    if (!invite) {
      invite.emplace(text.size());
      invite->append(text);
    }
    const int more = arguments_cut_off(argc, argv, i);
    for (int part = i; part <= i + more; ++part) wipe_argument(argv[part]);
    if (more > 0)
      return tl::unexpected(std::string("the invite was cut by a blank: put it in quotes, and in one line"));
  }
  return invite;
}

}  // namespace parley::client

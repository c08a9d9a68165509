#include "cli-client/meeting/access_token.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>

#include "base/trim.h"
#include "cli-client/base/given_file.h"
#include "protocol/relay/control.h"

namespace parley::client {
namespace {

bool is_visible(const std::string& token) {
  return !token.empty() && token.size() <= relay::kMaxAccessBytes &&
         std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

tl::expected<std::optional<std::string>, Refusal> read_access(const std::string& file, const Settings& settings,
                                                              const Endpoint& relay, bool is_named) {
  std::optional<std::string> token;
  std::string path = file;
  const char* const variable = std::getenv("PARLEY_ACCESS_TOKEN");
  const bool is_ours = is_named || settings.environment_names(relay) || settings.file_names(relay);
  if (path.empty() && is_ours && variable != nullptr && *variable != '\0') {
    token = variable;
  } else if (const auto set = settings.find_for(relay, "access-file"); path.empty() && is_ours && set) {
    path = set->text;
  }
  if (!path.empty()) {
    auto text = read_given_file(path);
    if (!text) return tl::unexpected(usage("cannot read the access file " + path + ": " + text.error()));
    token = first_line(*text);
    OPENSSL_cleanse(text->data(), text->size());
  }
  if (token && !is_visible(*token)) {
    return tl::unexpected(usage("the access token must be 1 to 256 visible ASCII characters"));
  }
  return token;
}

}  // namespace parley::client

#include "service/access/credentials.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <utility>
#include <vector>

#include "base/openssl.h"
#include "base/regular_file.h"

namespace parley {

namespace {

std::string fault(const std::string& option, const std::string& path, const std::string& why) {
  return "--" + option + " " + path + ": " + why;
}

using Keys = std::shared_ptr<const relay::TokenKeys>;

Keys draw_keys() {
  std::array<std::byte, relay::TokenKey::kBytes> bytes{};
  // Of zeros everybody could make tokens.
  must(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) == 1, "RAND_bytes");
  std::vector<relay::TokenKey> keys;
  keys.emplace_back(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return std::make_shared<const relay::TokenKeys>(std::move(keys));
}

tl::expected<Keys, std::string> read_keys(const std::string& path) {
  auto text = read_regular_file(path, {.secret = SecretGroup::of_root});
  if (!text) return tl::unexpected(fault("token-key-file", path, to_string(text.error())));
  auto keys = relay::TokenKeys::parse(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!keys) {
    return tl::unexpected(fault("token-key-file", path,
                                keys.error() + "; make a key with: (umask 077; openssl rand -hex 32 > " + path + ")"));
  }
  return std::make_shared<const relay::TokenKeys>(std::move(*keys));
}

tl::expected<std::optional<relay::AccessList>, std::string> read_access(const RelaySettings& settings) {
  if (settings.access == RelayAccess::open) return std::nullopt;
  const auto text = read_regular_file(settings.access_file);
  if (!text) return tl::unexpected(fault("access-file", settings.access_file, to_string(text.error())));
  auto list = relay::AccessList::parse(*text);
  if (!list) {
    return tl::unexpected(fault("access-file", settings.access_file,
                                list.error() + "; write lines of a token's SHA-256 in hexadecimal and a name"));
  }
  return std::move(*list);
}

tl::expected<TlsContext, std::string> read_tls(const RelaySettings& settings) {
  return settings.self_signed.empty() ? TlsContext::from_files(settings.certificate, settings.key, settings.client_ca)
                                      : TlsContext::self_signed(settings.self_signed, settings.client_ca);
}

}  // namespace

std::optional<std::string> check_credentials(const RelaySettings& settings) {
  if (settings.self_signed.empty() || TlsContext::has_self_signed(settings.self_signed)) {
    if (const auto tls = read_tls(settings); !tls) return tls.error();
  }
  if (const auto access = read_access(settings); !access) return access.error();
  if (settings.token_key_file.empty()) return std::nullopt;
  const auto keys = read_keys(settings.token_key_file);
  return keys ? std::nullopt : std::optional(keys.error());
}

tl::expected<std::shared_ptr<const Credentials>, std::string> load_credentials(const RelaySettings& settings,
                                                                               const Credentials* running) {
  auto tls = read_tls(settings);
  if (!tls) return tl::unexpected(tls.error());
  auto access = read_access(settings);
  if (!access) return tl::unexpected(access.error());
  Keys keys;
  if (!settings.token_key_file.empty()) {
    auto read = read_keys(settings.token_key_file);
    if (!read) return tl::unexpected(read.error());
    keys = std::move(*read);
  } else {
    keys = running != nullptr ? running->token_keys : draw_keys();
  }
  return std::make_shared<const Credentials>(Credentials{std::move(*tls), std::move(keys), std::move(*access)});
}

}  // namespace parley

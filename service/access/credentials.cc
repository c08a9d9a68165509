#include "service/access/credentials.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/errno_text.h"
#include "base/hex.h"
#include "base/openssl.h"
#include "base/regular_file.h"
#include "base/whole_file.h"
#include "service/log/log.h"

namespace parley {

namespace {

std::string fault(const std::string& option, const std::string& path, const std::string& why) {
  return "--" + option + " " + path + ": " + why;
}

using Keys = std::shared_ptr<const relay::TokenKeys>;

using KeyBytes = std::array<std::byte, relay::TokenKey::kBytes>;

KeyBytes draw_key() {
  KeyBytes bytes{};
  // Of zeros everybody could make tokens.
  must(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) == 1, "RAND_bytes");
  return bytes;
}

Keys draw_keys() {
  KeyBytes bytes = draw_key();
  std::vector<relay::TokenKey> keys;
  keys.emplace_back(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return std::make_shared<const relay::TokenKeys>(std::move(keys));
}

tl::expected<Keys, std::string> read_keys(const std::string& option, const std::string& path, SecretGroup group) {
  auto text = read_regular_file(path, {.secret = group});
  if (!text) return tl::unexpected(fault(option, path, to_string(text.error())));
  auto keys = relay::TokenKeys::parse(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!keys) {
    return tl::unexpected(
        fault(option, path, keys.error() + "; make a key with: (umask 077; openssl rand -hex 32 > " + path + ")"));
  }
  return std::make_shared<const relay::TokenKeys>(std::move(*keys));
}

// Beside the certificate that --self-signed has made. Empty when the keys are elsewhere, or nowhere.
std::string own_key_file(const RelaySettings& settings) {
  constexpr const char* kTokenKeyFile = "token-key";
  if (!settings.token_key_file.empty() || settings.self_signed.empty()) return {};
  return (std::filesystem::path(settings.self_signed) / kTokenKeyFile).string();
}

// An errno.
int make_key_file(const std::string& path) {
  KeyBytes bytes = draw_key();
  std::string text = to_hex(bytes) + "\n";
  const int error = write_whole_file(path, text, S_IRUSR | S_IWUSR, IfThere::stays);
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return error;
}

bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

tl::expected<Keys, std::string> read_or_make_keys(const RelaySettings& settings, const Credentials* running) {
  if (!settings.token_key_file.empty())
    return read_keys("token-key-file", settings.token_key_file, SecretGroup::of_root);
  if (const std::string own = own_key_file(settings); !own.empty()) {
    const int error = is_there(own) ? 0 : make_key_file(own);
    if (error == 0) return read_keys("self-signed", own, SecretGroup::any);
    // As for a certificate that was brought there, and may only be read.
    log_event(Level::warning, "clients that come back after a restart will not find their places",
              {{"cannot_write", own}, {"error", errno_text(error)}});
  }
  return running != nullptr ? running->token_keys : draw_keys();
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

std::vector<std::string> files_of(const RelaySettings& settings) {
  std::vector<std::string> files{settings.certificate,    settings.key,
                                 settings.client_ca,      settings.access_file,
                                 settings.token_key_file, own_key_file(settings)};
  if (!settings.self_signed.empty()) {
    for (const char* const name : {TlsContext::kCertificateFile, TlsContext::kKeyFile})
      files.push_back((std::filesystem::path(settings.self_signed) / name).string());
  }
  std::erase(files, "");
  return files;
}

std::optional<std::string> check_credentials(const RelaySettings& settings) {
  if (settings.self_signed.empty() || TlsContext::has_self_signed(settings.self_signed)) {
    if (const auto tls = read_tls(settings); !tls) return tls.error();
  }
  if (const auto access = read_access(settings); !access) return access.error();
  const std::string own = own_key_file(settings);
  if (settings.token_key_file.empty() && (own.empty() || !is_there(own))) return std::nullopt;
  const auto keys = read_or_make_keys(settings, nullptr);
  return keys ? std::nullopt : std::optional(keys.error());
}

tl::expected<std::shared_ptr<const Credentials>, std::string> load_credentials(const RelaySettings& settings,
                                                                               const Credentials* running) {
  auto tls = read_tls(settings);
  if (!tls) return tl::unexpected(tls.error());
  auto access = read_access(settings);
  if (!access) return tl::unexpected(access.error());
  auto keys = read_or_make_keys(settings, running);
  if (!keys) return tl::unexpected(keys.error());
  return std::make_shared<const Credentials>(Credentials{std::move(*tls), std::move(*keys), std::move(*access)});
}

}  // namespace parley

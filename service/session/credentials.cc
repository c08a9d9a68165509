#include "session/credentials.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/descriptor.h"

namespace parley {

namespace {

constexpr std::size_t kMostFileBytes = std::size_t{1024} * 1024;

// `secret`: a file that others than its owner can read is refused; its group may, when root owns it, as Kubernetes
// mounts secrets for a process that is not root.
tl::expected<std::string, std::string> read_text(const std::string& path, bool secret) {
  const auto system_fault = [] { return tl::unexpected(std::strerror(errno) + std::string("; name a file to read")); };
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return system_fault();
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_fault();
  if (!S_ISREG(status.st_mode)) return tl::unexpected(std::string("not a regular file; name a file to read"));
  const bool others_root = status.st_uid == 0 && ::geteuid() != 0;
  const mode_t forbidden = others_root ? mode_t{S_IRWXO} : mode_t{S_IRWXG | S_IRWXO};
  if (secret && (status.st_mode & forbidden) != 0)
    return tl::unexpected("others than its owner can get at it; chmod 600 " + path);
  std::string text(kMostFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_fault();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMostFileBytes) return tl::unexpected(std::string("longer than 1 MiB; name another file"));
  text.resize(size);
  return text;
}

std::string fault(const std::string& option, const std::string& path, const std::string& why) {
  return "--" + option + " " + path + ": " + why;
}

using Keys = std::shared_ptr<const relay::TokenKeys>;

Keys draw_keys() {
  std::array<std::byte, relay::TokenKey::kBytes> bytes{};
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  std::vector<relay::TokenKey> keys;
  keys.emplace_back(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return std::make_shared<const relay::TokenKeys>(std::move(keys));
}

tl::expected<Keys, std::string> read_keys(const std::string& path) {
  auto text = read_text(path, true);
  if (!text) return tl::unexpected(fault("token-key-file", path, text.error()));
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
  const auto text = read_text(settings.access_file, false);
  if (!text) return tl::unexpected(fault("access-file", settings.access_file, text.error()));
  auto list = relay::AccessList::parse(*text);
  if (!list) {
    return tl::unexpected(fault("access-file", settings.access_file,
                                list.error() + "; write lines of a token's SHA-256 in hexadecimal and a name"));
  }
  return std::move(*list);
}

}  // namespace

tl::expected<std::shared_ptr<const Credentials>, std::string> load_credentials(const RelaySettings& settings,
                                                                               const Credentials* running) {
  auto tls = settings.self_signed.empty()
                 ? TlsContext::from_files(settings.certificate, settings.key, settings.client_ca)
                 : TlsContext::self_signed(settings.self_signed, settings.client_ca);
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

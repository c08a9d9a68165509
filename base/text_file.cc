#include "base/text_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/descriptor.h"

namespace parley {

namespace {

constexpr std::size_t kMostFileBytes = std::size_t{1024} * 1024;

}  // namespace

tl::expected<std::string, std::string> read_text_file(const std::string& path, std::optional<SecretGroup> secret) {
  const auto system_fault = [] { return tl::unexpected(std::strerror(errno) + std::string("; name a file to read")); };
  // Without O_NONBLOCK a FIFO would hold a start, or all that a reload holds up, for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return system_fault();
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_fault();
  if (!S_ISREG(status.st_mode)) return tl::unexpected(std::string("not a regular file; name a file to read"));
  if (secret) {
    if (auto fault = open_to_others(status, path, *secret)) return tl::unexpected(std::move(*fault));
  }
  std::string text(kMostFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_fault();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMostFileBytes) {
    OPENSSL_cleanse(text.data(), text.size());
    return tl::unexpected(std::string("longer than 1 MiB; name another file"));
  }
  text.resize(size);
  return text;
}

}  // namespace parley

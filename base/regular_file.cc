#include "base/regular_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/descriptor.h"

namespace parley {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

tl::unexpected<ReadFault> refuse(std::string why, std::string remedy = "name a file to read") {
  return tl::make_unexpected(ReadFault{{std::move(why), std::move(remedy)}});
}

tl::unexpected<ReadFault> system_fault() {
  const std::error_code error(errno, std::generic_category());
  return tl::make_unexpected(ReadFault{{error.message(), "name a file to read"}, error});
}

std::string size_text(std::size_t bytes) {
  constexpr std::size_t kMiB = std::size_t{1024} * 1024;
  return bytes % kMiB == 0 ? std::to_string(bytes / kMiB) + " MiB" : std::to_string(bytes) + " bytes";
}

bool is_null_device(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == ::makedev(1, 3);
}

// Waits for bytes or the end; false when neither has come by then. Linux reports the end of a FIFO only once somebody
// has had it open for writing.
bool await(int pipe, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    pollfd ready{pipe, POLLIN, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
    if (count > 0 || (count < 0 && errno != EINTR)) return true;  // read() says what is wrong
    if (count == 0) return false;
  }
}

}  // namespace

tl::expected<std::string, ReadFault> read_regular_file(const std::string& path, const FileRules& rules) {
  // Without O_NONBLOCK a FIFO would hold a start, or all that a reload holds up, for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) return system_fault();
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_fault();
  if (rules.null_device && is_null_device(path)) return std::string();
  const bool pipe = S_ISFIFO(status.st_mode);
  if (pipe && !rules.pipe_within) return refuse("a pipe, not a regular file: it could not be read again");
  if (!pipe && !S_ISREG(status.st_mode)) return refuse("not a regular file");
  if (rules.secret) {
    if (auto others = open_to_others(status, path, *rules.secret)) return refuse(others->why, others->remedy);
  }
  const auto until = Clock::now() + rules.pipe_within.value_or(milliseconds{0});
  // At once as long as it may become: growing would leave copies of a secret behind.
  std::string text(rules.most_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    if (pipe && !await(file.get(), until)) {
      OPENSSL_cleanse(text.data(), size);
      return refuse("nobody has written it to its end in time");
    }
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && (errno == EINTR || (pipe && errno == EAGAIN))) continue;
    if (got < 0) {
      OPENSSL_cleanse(text.data(), size);
      return system_fault();
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > rules.most_bytes) {
    OPENSSL_cleanse(text.data(), text.size());
    return refuse("longer than " + size_text(rules.most_bytes), "name another file");
  }
  text.resize(size);
  return text;
}

}  // namespace parley

#include "base/locked_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>
#include <utility>

namespace parley {

namespace {

constexpr int kAttempts = 16;  // at a file that its owners remove as often as we open it

}  // namespace

tl::expected<Descriptor, int> open_locked(int at, const char* path, int flags, mode_t mode, WithoutLocks without) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Descriptor file(::openat(at, path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode));
    if (!file.valid()) {
      const int error = errno;
      return tl::unexpected(error == ELOOP || error == EISDIR || error == ENXIO ? EEXIST : error);
    }
    struct stat opened{};
    if (::fstat(file.get(), &opened) != 0) return tl::unexpected(errno);
    if (!S_ISREG(opened.st_mode)) return tl::unexpected(EEXIST);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      if (error == EWOULDBLOCK || error == EINTR) return tl::unexpected(EBUSY);
      if (without == WithoutLocks::refuse) return tl::unexpected(error);
    }
    // Whoever had it may have removed or renamed it before it was locked here: then nobody else will find this one.
    struct stat named{};
    if (::fstatat(at, path, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == opened.st_dev &&
        named.st_ino == opened.st_ino)
      return file;
  }
  return tl::unexpected(EBUSY);
}

tl::expected<Descriptor, int> lock_folder(const char* path, std::chrono::milliseconds within, WithoutLocks without) {
  constexpr std::chrono::milliseconds kPause{10};
  Descriptor folder(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return tl::unexpected(errno);
  const auto until = std::chrono::steady_clock::now() + within;
  while (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error != EWOULDBLOCK && error != EINTR) {
      if (without == WithoutLocks::go_on) break;
      return tl::unexpected(error);
    }
    if (std::chrono::steady_clock::now() >= until) return tl::unexpected(EBUSY);
    std::this_thread::sleep_for(kPause);
  }
  return folder;
}

}  // namespace parley

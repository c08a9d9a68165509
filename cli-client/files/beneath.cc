#include "cli-client/files/beneath.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/errno_text.h"

namespace parley::client {
namespace {

constexpr rlim_t kReserve = 16;       // descriptors, of those that a process may have; of few a quarter
constexpr mode_t kFolderMode = 0777;  // less the umask

}  // namespace

bool is_for_later(int error) { return error == EMFILE || error == ENFILE; }

bool descriptors_are_short() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  // The kernel gives the lowest that is free.
  const Descriptor lowest(::open("/", O_PATH | O_CLOEXEC));
  if (lowest.get() < 0) return is_for_later(errno);
  return static_cast<rlim_t>(lowest.get()) + std::min(kReserve, limit.rlim_cur / 4) >= limit.rlim_cur;
}

tl::expected<Descriptor, int> open_folder_beneath(int folder, std::string_view path, bool create) {
  Descriptor at(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (at.get() >= 0 && !path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string component(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (component.empty() || component == "." || component == "..") {
      return tl::unexpected(EINVAL);
    }
    if (create) {
      const bool made = ::mkdirat(at.get(), component.c_str(), kFolderMode) == 0;
      if (const int error = made ? sync_folder(at.get()) : errno; error != 0 && error != EEXIST) {
        return tl::unexpected(error);
      }
    }
    at = Descriptor(::openat(at.get(), component.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (at.get() < 0) {
    return tl::unexpected(errno);
  }
  return at;
}

tl::expected<Descriptor, int> open_beneath(int folder, std::string_view path, int flags) {
  const std::size_t slash = path.rfind('/');
  const auto parent = open_folder_beneath(folder, slash == path.npos ? "" : path.substr(0, slash), false);
  if (!parent) {
    return tl::unexpected(parent.error());
  }
  const std::string leaf(path.substr(slash == path.npos ? 0 : slash + 1));
  Descriptor file(::openat(parent->get(), leaf.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
  if (file.get() < 0) {
    return tl::unexpected(errno);
  }
  return file;
}

int sync_folder(int folder) {
  // EINVAL: a file system that cannot (9p, older CIFS). There is no more to be done then, as PostgreSQL has it, too
  // (fsync_fname_ext in its fd.c).
  return ::fsync(folder) == 0 || errno == EINVAL ? 0 : errno;
}

std::string error_text(int error) {
  std::string text = errno_text(error);
  // As part of a sentence; "I/O error" and the like keep their capitals.
  if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z' && text[0] >= 'A' && text[0] <= 'Z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

}  // namespace parley::client

#include "cli-client/files/target_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <utility>

#include "cli-client/files/beneath.h"

namespace parley::client {

Occupant look(const Place& place) {
  struct stat status{};
  if (::fstatat(place.folder.get(), place.leaf.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return {.kind = errno == ENOENT ? Occupant::Kind::nothing : Occupant::Kind::other};
  }
  if (S_ISREG(status.st_mode)) {
    return {Occupant::Kind::file, static_cast<std::uint64_t>(status.st_size), {status.st_dev, status.st_ino}};
  }
  return {.kind = S_ISDIR(status.st_mode) ? Occupant::Kind::folder : Occupant::Kind::other};
}

std::uint64_t free_bytes(const Place& place) {
  struct statvfs status{};
  if (::fstatvfs(place.folder.get(), &status) != 0 || status.f_blocks == 0) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

TargetFolder::TargetFolder(Descriptor folder, Names names)
    : folder_(std::move(folder)), names_(names), umask_(::umask(0)) {
  ::umask(umask_);
}

TargetFolder TargetFolder::with_own_names() const {
  return TargetFolder(Descriptor(::fcntl(folder_.get(), F_DUPFD_CLOEXEC, 0)), Names::own);
}

tl::expected<TargetFolder, std::string> TargetFolder::open(const std::string& path, Names names) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) {
    const int error = errno;
    if (error == ENOENT) return tl::unexpected("the folder " + path + " does not exist; make it first");
    if (error == ENOTDIR) return tl::unexpected(path + " is not a folder");
    return tl::unexpected("cannot open the folder " + path + ": " + error_text(error));
  }
  if (::faccessat(folder.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return tl::unexpected("cannot write into the folder " + path + ": " + error_text(errno));
  }
  return TargetFolder(std::move(folder), names);
}

std::string misplaced_text(int error) {
  return error == ENOTDIR || error == ELOOP ? "cannot be put there: a file or a link is in the place of its folder"
                                            : "cannot be put there: " + error_text(error);
}

tl::expected<Place, int> TargetFolder::place(const std::string& name) const {
  const std::size_t slash = name.rfind('/');
  const std::string parent = slash == std::string::npos ? "" : name.substr(0, slash);
  auto folder = open_folder_beneath(folder_.get(), parent, true);
  if (!folder) return tl::unexpected(folder.error());
  return Place{std::move(*folder), name.substr(slash == std::string::npos ? 0 : slash + 1), name};
}

}  // namespace parley::client

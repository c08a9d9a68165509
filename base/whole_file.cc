#include "base/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/descriptor.h"

namespace parley {
namespace {

int name_it(const std::string& unfinished, const std::filesystem::path& path, IfThere there) {
  if (there == IfThere::stays) {
    if (::link(unfinished.c_str(), path.c_str()) == 0 || errno == EEXIST) return 0;
    // But for a file system without such links.
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) return errno;
  }
  return ::rename(unfinished.c_str(), path.c_str()) == 0 ? 0 : errno;
}

}  // namespace

bool sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.valid() && (::fsync(opened.get()) == 0 || errno == EINVAL);
}

int write_whole_file(const std::filesystem::path& path, std::string_view text, mode_t mode, IfThere there) {
  std::string unfinished = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(unfinished.data(), O_CLOEXEC));
  if (!file.valid()) return errno;
  int error = ::fchmod(file.get(), mode) == 0 ? write_all(file.get(), as_bytes(text)) : errno;
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  if (error == 0) error = name_it(unfinished, path, there);
  ::unlink(unfinished.c_str());
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (error == 0 && !sync_folder(folder)) error = errno;
  return error;
}

}  // namespace parley

#include "cli-client/files/given_content.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "cli-client/files/beneath.h"

namespace parley::client {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

std::string folder_for_it() {
  const char* given = std::getenv("TMPDIR");
  return given != nullptr && *given != '\0' ? given : "/tmp";
}

// Without a name, so that nothing is left of it however the program ends.
Descriptor unnamed_file(const std::string& folder) {
  Descriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.valid() || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string path = folder + "/parley-XXXXXX";
  file = Descriptor(::mkostemp(path.data(), O_CLOEXEC));
  if (file.valid()) ::unlink(path.c_str());
  return file;
}

}  // namespace

tl::expected<Descriptor, std::string> content_of(std::string_view text) {
  Descriptor file(::memfd_create("text", MFD_CLOEXEC));
  const int error = file.valid() ? write_all(file.get(), as_bytes(text)) : errno;
  if (error != 0) return tl::unexpected("the text cannot be kept: " + error_text(error));
  return file;
}

tl::expected<Descriptor, std::string> content_of(int input) {
  struct stat status{};
  const bool is_whole_file =
      ::fstat(input, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 && ::lseek(input, 0, SEEK_CUR) == 0;
  if (is_whole_file) return Descriptor(::fcntl(input, F_DUPFD_CLOEXEC, 0));
  const std::string folder = folder_for_it();
  const auto cannot_keep = [&folder](int error) {
    return tl::unexpected("standard input cannot be kept in " + folder + ": " + error_text(error) +
                          "; TMPDIR can name another folder");
  };
  Descriptor file = unnamed_file(folder);
  if (!file.valid()) return cannot_keep(errno);
  std::array<std::byte, kReadBytes> buffer;
  for (;;) {
    const ssize_t count = ::read(input, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected("standard input cannot be read: " + error_text(errno));
    if (count == 0) return file;
    const int error = write_all(file.get(), std::span(buffer).first(static_cast<std::size_t>(count)));
    if (error != 0) return cannot_keep(error);
  }
}

}  // namespace parley::client

#include "cli-client/files/outgoing_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "cli-client/files/beneath.h"
#include "cli-client/files/event.h"

namespace parley::client {

OutgoingFile::OutgoingFile(Descriptor file, const struct stat& status)
    : file_(std::move(file)),
      size_(S_ISDIR(status.st_mode) ? 0 : static_cast<std::uint64_t>(status.st_size)),
      mode_(static_cast<std::uint32_t>(status.st_mode) & chat::kMaxMode),
      modified_(status.st_mtim) {}

tl::expected<OutgoingFile, OutgoingFile::Failure> OutgoingFile::open(const Source& source) {
  // Not blocking: it may have become a FIFO since it was found.
  auto file = open_beneath(source.base->get(), source.path, O_RDONLY | O_NONBLOCK);
  if (!file) {
    const int error = file.error();
    return tl::unexpected(
        Failure{error == ELOOP ? "has become a link" : "cannot be read: " + error_text(error), is_for_later(error)});
  }
  struct stat status{};
  if (::fstat(file->get(), &status) != 0) {
    return tl::unexpected(Failure{"cannot be read: " + error_text(errno)});
  }
  if (source.directory ? !S_ISDIR(status.st_mode) : !S_ISREG(status.st_mode)) {
    return tl::unexpected(Failure{"has been replaced by something else"});
  }
  if (!source.directory) {
    const auto why = size_that_cannot_be_sent(static_cast<std::uint64_t>(status.st_size));
    if (why) return tl::unexpected(Failure{*why});
  }
  // Those below /proc have bytes, and no size to offer.
  std::byte first{};
  if (!source.directory && status.st_size == 0 && ::pread(file->get(), &first, 1, 0) > 0) {
    return tl::unexpected(Failure{"does not tell its size; make a copy of it and send that"});
  }
  return OutgoingFile(std::move(*file), status);
}

tl::expected<void, std::string> OutgoingFile::read(std::span<std::byte> into) {
  const auto whole = into;
  while (!into.empty()) {
    const ssize_t count = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(position_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return tl::unexpected("cannot be read: " + error_text(errno));
    }
    if (count == 0) {
      // Those below /sys tell a page, and have what there is to read.
      return tl::unexpected(std::string(unchanged() ? "has less in it than it tells; make a copy of it and send that"
                                                    : "became shorter while it was sent"));
    }
    position_ += static_cast<std::uint64_t>(count);
    into = into.subspan(static_cast<std::size_t>(count));
  }
  digest_.update(whole);
  return {};
}

tl::expected<void, std::string> OutgoingFile::hash_towards(std::uint64_t end) {
  Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(end - position_, kHashStepBytes)));
  return read(buffer);
}

void OutgoingFile::rewind() {
  digest_.reset();
  position_ = 0;
}

bool OutgoingFile::unchanged() const {
  struct stat status{};
  return ::fstat(file_.get(), &status) == 0 &&
         (S_ISDIR(status.st_mode) ||
          (static_cast<std::uint64_t>(status.st_size) == size_ && status.st_mtim.tv_sec == modified_.tv_sec &&
           status.st_mtim.tv_nsec == modified_.tv_nsec));
}

}  // namespace parley::client

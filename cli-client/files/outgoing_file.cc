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
namespace {

constexpr std::uint64_t kBlockBytes = 512;  // of st_blocks, whatever those of the file system have
constexpr int kMostPieces = 10'000;

// How many bytes are not in holes. By its blocks alone what is not written to the disk yet would be, too.
std::uint64_t stored_bytes(int file, const struct stat& status) {
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes >= size) return size;
  std::uint64_t stored = 0;
  off_t end = 0;
  for (int pieces = 0; pieces < kMostPieces; ++pieces) {
    const off_t begin = ::lseek(file, end, SEEK_DATA);
    if (begin < 0) return errno == ENXIO ? stored : size;  // no more; or the file system does not say
    end = ::lseek(file, begin, SEEK_HOLE);
    if (end < begin) return size;
    stored += static_cast<std::uint64_t>(end - begin);
  }
  return stored + size - static_cast<std::uint64_t>(end);
}

}  // namespace

OutgoingFile::OutgoingFile(Descriptor file, const struct stat& status)
    : file_(std::move(file)),
      size_(S_ISDIR(status.st_mode) ? 0 : static_cast<std::uint64_t>(status.st_size)),
      mode_(static_cast<std::uint32_t>(status.st_mode) & chat::kMaxMode),
      stored_(S_ISDIR(status.st_mode) ? 0 : stored_bytes(file_.get(), status)),
      modified_(status.st_mtim) {}

tl::expected<OutgoingFile, OutgoingFile::Failure> OutgoingFile::open(const Source& source) {
  // Not blocking: it may have become a FIFO since it was found.
  if (source.content) {
    struct stat status{};
    Descriptor own(::fcntl(source.content->get(), F_DUPFD_CLOEXEC, 0));
    if (!own.valid() || ::fstat(own.get(), &status) != 0) {
      return tl::unexpected(Failure{"cannot be read: " + error_text(errno), is_for_later(errno)});
    }
    OutgoingFile file(std::move(own), status);
    file.mode_.reset();
    return file;
  }
  auto file =
      open_beneath(source.base->get(), source.found_as.empty() ? source.path : source.found_as, O_RDONLY | O_NONBLOCK);
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

std::optional<std::uint64_t> OutgoingFile::modified() const {
  if (modified_.tv_sec < 0) return std::nullopt;
  return static_cast<std::uint64_t>(modified_.tv_sec) * 1000 +
         static_cast<std::uint64_t>(modified_.tv_nsec) / 1'000'000;
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

#include "cli-client/files/part_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "base/hex.h"
#include "base/locked_file.h"
#include "base/utf8.h"
#include "cli-client/files/sha256.h"
#include "protocol/chat/safe_name.h"

namespace parley::client {
namespace {

constexpr mode_t kPartMode = 0600;
// So that the disk writes along, and the wait for it at the end is short.
constexpr std::uint64_t kFlushBytes = std::uint64_t{8} * 1024 * 1024;

int rename_if_free(int folder, const char* from, const char* to) {
  if (::renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without it (NFS): a hard link fails as well when the name is taken.
  if (::linkat(folder, from, folder, to, 0) == 0) return ::unlinkat(folder, from, 0) == 0 ? 0 : errno;
  if (errno != EPERM && errno != EOPNOTSUPP) return errno;
  // And without hard links (FAT): all that can be done is to look first.
  struct stat status{};
  if (::fstatat(folder, to, &status, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::renameat(folder, from, folder, to) == 0 ? 0 : errno;
}

bool are_zeros(ByteView bytes) {
  return !bytes.empty() && bytes[0] == std::byte{0} &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

// A program that was killed between seal() and publish() has left the part with the mode of the complete file, which
// may forbid writing.
bool unseal_what_was_left(int folder, const char* leaf) {
  const Descriptor file(::openat(folder, leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  return file.get() >= 0 && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
         (status.st_mode & S_IWUSR) == 0 && ::fchmod(file.get(), kPartMode) == 0;
}

}  // namespace

std::string part_name(const std::string& leaf) {
  if (leaf.size() + kPartEnding.size() <= chat::kMaxNameBytes) return leaf + std::string(kPartEnding);
  Sha256 digest;
  digest.update(as_bytes(leaf));
  const std::string tail = "~" + to_hex(digest.digest()).substr(0, 8) + std::string(kPartEnding);
  return leaf.substr(0, utf8_boundary(leaf, chat::kMaxNameBytes - tail.size())) + tail;
}

PartFile::PartFile(const Place& place, Descriptor file, std::uint64_t size, dev_t device)
    : place_(&place),
      leaf_(part_name(place.leaf)),
      file_(std::move(file)),
      size_(size),
      device_(device),
      flushed_(size) {}

tl::expected<PartFile, int> PartFile::open(const Place& place) {
  const std::string leaf = part_name(place.leaf);
  const auto open = [&] {
    // Without locks two programs that receive the same file at once are not told apart, but one is served.
    return open_locked(place.folder.get(), leaf.c_str(), O_RDWR | O_CREAT, kPartMode, WithoutLocks::go_on);
  };
  auto file = open();
  if (!file && file.error() == EACCES && unseal_what_was_left(place.folder.get(), leaf.c_str())) file = open();
  if (!file) return tl::unexpected(file.error());
  struct stat status{};
  if (::fstat(file->get(), &status) != 0) return tl::unexpected(errno);
  // A second hard link would be another file that is written to.
  if (status.st_nlink > 1) return tl::unexpected(EEXIST);
  return PartFile(place, std::move(*file), static_cast<std::uint64_t>(status.st_size), status.st_dev);
}

tl::expected<std::size_t, int> PartFile::read(std::uint64_t offset, std::span<std::byte> into) const {
  const ssize_t count = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
  if (count < 0) {
    return tl::unexpected(errno);
  }
  return static_cast<std::size_t>(count);
}

int PartFile::truncate(std::uint64_t size) {
  if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0) {
    return errno;
  }
  size_ = size;
  flushed_ = size;
  return 0;
}

int PartFile::write(ByteView bytes, bool with_holes) {
  if (with_holes && are_zeros(bytes)) return truncate(size_ + bytes.size());
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return count == 0 ? EIO : errno;
    }
    size_ += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (size_ - flushed_ >= kFlushBytes) {
    // A request only; sync() finds out whether it failed.
    (void)::sync_file_range(file_.get(), static_cast<off_t>(flushed_), static_cast<off_t>(size_ - flushed_),
                            SYNC_FILE_RANGE_WRITE);
    flushed_ = size_;
  }
  return 0;
}

void PartFile::seal(mode_t mode, std::optional<std::chrono::milliseconds> modified) {
  // Some file systems have no modes: then the file has none to be wrong.
  (void)::fchmod(file_.get(), mode);
  if (!modified) return;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*modified);
  const timespec time{seconds.count(), std::chrono::nanoseconds(*modified - seconds).count()};
  const timespec times[] = {{0, UTIME_OMIT}, time};
  (void)::futimens(file_.get(), times);
}

void PartFile::unseal() { (void)::fchmod(file_.get(), kPartMode); }

int PartFile::sync() { return ::fsync(file_.get()) == 0 ? 0 : errno; }

bool PartFile::is_intact() const {
  struct stat own{};
  struct stat named{};
  return ::fstat(file_.get(), &own) == 0 &&
         ::fstatat(place_->folder.get(), leaf_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         own.st_ino == named.st_ino && own.st_dev == named.st_dev && static_cast<std::uint64_t>(own.st_size) == size_;
}

// There is no call that renames an open file: what takes its place after the look, within microseconds, is not found.
int PartFile::publish(bool replace) {
  if (!is_intact()) return ESTALE;
  const int folder = place_->folder.get();
  if (!replace) return rename_if_free(folder, leaf_.c_str(), place_->leaf.c_str());
  return ::renameat(folder, leaf_.c_str(), folder, place_->leaf.c_str()) == 0 ? 0 : errno;
}

void PartFile::remove() {
  if (is_intact()) (void)::unlinkat(place_->folder.get(), leaf_.c_str(), 0);
}

}  // namespace parley::client

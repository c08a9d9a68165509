#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "cli-client/files/target_folder.h"

namespace parley::client {

constexpr std::string_view kPartEnding = ".parley-part";

// What the part of a file of this name is called, beside it: `leaf` and kPartEnding. Of one that would be longer than a
// name may be, as much of it as there is room for, and the beginning of its digest, so that it is found again.
std::string part_name(const std::string& leaf);

// A file while it is received: what has come of it, from the front on, by its part_name(), so that it can be gone on
// with after the program has ended anyhow. Only one PartFile has it open at a time, over all programs.
// Errors are errno values, 0 is success.
class PartFile {
 public:
  // Opens what is there or makes it. `place` must outlive this. Errors besides the system's: EBUSY, somebody else is
  // receiving it; EEXIST, what is there is no such file (a link, a folder).
  static tl::expected<PartFile, int> open(const Place& place);

  std::uint64_t size() const { return size_; }
  // The bytes from `offset` on; fewer at the end.
  tl::expected<std::size_t, int> read(std::uint64_t offset, std::span<std::byte> into) const;
  int truncate(std::uint64_t size);
  // Appends all of it or fails; then what could be written is there. `with_holes`: zeros alone take no room.
  int write(ByteView bytes, bool with_holes);
  // Its name still stands for what was written here, and for nothing else: another program may have put something in
  // its place, or written to it.
  bool is_intact() const;
  // Gives a complete file its mode, and the time when it was modified; then everything must get to the disk, by sync()
  // or by syncfs(2) for many; then it gets its name. EEXIST: something has that name now (never with `replace`, which
  // puts this in the place of a file). ESTALE: it is not intact.
  void seal(mode_t mode, std::optional<std::chrono::milliseconds> modified);
  // It stays a part, which can be opened again.
  void unseal();
  int sync();
  int publish(bool replace);
  // The file system it is in: stat's st_dev.
  dev_t device() const { return device_; }
  // It is of no use. What is not intact stays.
  void remove();

 private:
  PartFile(const Place& place, Descriptor file, std::uint64_t size, dev_t device);

  const Place* place_;
  std::string leaf_;
  Descriptor file_;
  std::uint64_t size_;
  dev_t device_;
  std::uint64_t flushed_;  // up to here the kernel has been asked to write
};

}  // namespace parley::client

#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "cli-client/files/sha256.h"
#include "cli-client/files/source_tree.h"
#include "protocol/chat/bodies.h"

namespace parley::client {

// One file or folder that is being sent: the open file, and how much of it has been read into the digest.
class OutgoingFile {
 public:
  // Why it cannot be sent: "cannot be read: ...".
  struct Failure {
    std::string reason;
    bool is_for_later = false;  // see the function of this name
  };
  static tl::expected<OutgoingFile, Failure> open(const Source& source);

  // In the place of one that cannot be opened: of the size that it was found with, and nothing can be read of it.
  explicit OutgoingFile(const Source& source) : size_(source.size), stored_(source.size) {}

  std::uint64_t size() const { return size_; }
  std::optional<std::uint32_t> mode() const { return mode_; }
  // What it takes of the disk, if that is less than its size, as it has holes.
  std::optional<std::uint64_t> stored() const { return stored_ < size_ ? std::optional(stored_) : std::nullopt; }
  // In milliseconds since 1970, if it is not older.
  std::optional<std::uint64_t> modified() const;
  std::uint64_t position() const { return position_; }
  chat::Digest digest() const { return digest_.digest(); }

  // The next bytes, `into` full of them, which must not be more than are left. The error says why not.
  tl::expected<void, std::string> read(std::span<std::byte> into);
  // Reads on to `end`, at most a step of kHashStepBytes.
  tl::expected<void, std::string> hash_towards(std::uint64_t end);
  void rewind();
  // The position is the end without having been read: its digest is known.
  void skip_to_end() { position_ = size_; }
  // Whether it still is what it was when it was opened, as far as its times and size tell.
  bool unchanged() const;

 private:
  OutgoingFile(Descriptor file, const struct stat& status);

  Descriptor file_;
  std::uint64_t size_;
  std::optional<std::uint32_t> mode_;
  std::uint64_t stored_ = 0;
  timespec modified_{};
  Sha256 digest_;
  std::uint64_t position_ = 0;
};

}  // namespace parley::client

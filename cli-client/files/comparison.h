#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/descriptor.h"
#include "cli-client/files/sha256.h"
#include "cli-client/files/target_folder.h"
#include "protocol/chat/bodies.h"

namespace parley::client {

// The file that has the name of one that comes, read to tell whether it is the same.
class Comparison {
 public:
  // The error is an errno value.
  static tl::expected<Comparison, int> start(const Place& place, std::uint64_t size);

  // Reads at most kHashStepBytes. True when it is through.
  bool step();
  std::uint64_t position() const { return position_; }
  // Once it is through. What cannot be read is like nothing.
  bool is_of(const chat::Digest& digest) const { return position_ == size_ && digest_.digest() == digest; }

 private:
  Comparison(Descriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

  Descriptor file_;
  std::uint64_t size_;
  Sha256 digest_;
  std::uint64_t position_ = 0;
};

// Comparisons with files whose digest has been asked for: both sides read at the same time. Each is kept until the file
// is offered again, but no more than so many can be open.
class ComparisonsAhead {
 public:
  void add(const chat::Offer& offer, FileId id, Comparison comparison);
  // Of the file that is there by this name, if that still is the same one.
  std::optional<Comparison> take(const chat::Offer& offer, FileId id);
  void drop(const std::string& name);
  void clear() { files_.clear(); }

  // One step. Returns the name of the file; nullptr: all are through.
  const std::string* step();
  bool busy() const;
  // How much has been read, of those that are kept.
  std::uint64_t read() const;

 private:
  struct Ahead {
    std::string name;
    FileId id;
    Comparison comparison;
    bool through = false;
  };
  std::deque<Ahead> files_;
};

}  // namespace parley::client

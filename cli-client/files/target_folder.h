#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/descriptor.h"

namespace parley::client {

// Where one file is to go: `leaf` in an open folder. `name` is its path below the target folder, for people.
struct Place {
  Descriptor folder;
  std::string leaf;
  std::string name;
};

// Which file it is, whatever it is called: the device, and the inode on it.
using FileId = std::pair<dev_t, ino_t>;

// What is at a place now; links are not followed.
struct Occupant {
  enum class Kind { nothing, file, folder, other };
  Kind kind = Kind::nothing;
  std::uint64_t size = 0;  // of a file
  FileId id = {};          // of a file
};
Occupant look(const Place& place);
// Bytes that can still be written there; the largest number when the file system does not say.
std::uint64_t free_bytes(const Place& place);

std::string misplaced_text(int error);

// The folder that everything received goes into, and nothing outside it.
class TargetFolder {
 public:
  // What is received gets names that are safe, as its user has not been asked; `own` ones may be hidden.
  enum class Names { safe, own };

  // The error is a sentence: it is not there, no folder, not writable.
  static tl::expected<TargetFolder, std::string> open(const std::string& path, Names names = Names::safe);
  // The same, with the names that the other side gives.
  TargetFolder with_own_names() const;
  bool keeps_dots() const { return names_ == Names::own; }

  // The place for a name that is safe (safe_path()); folders on the way to it are made. The error is an errno value, of
  // which misplaced_text() makes a sentence without its subject: "cannot be put there: ..."
  tl::expected<Place, int> place(const std::string& name) const;

  // What a file that is made anew gets of these permission bits.
  mode_t allowed(std::uint32_t mode) const { return static_cast<mode_t>(mode) & ~umask_; }

 private:
  TargetFolder(Descriptor folder, Names names);

  Descriptor folder_;
  Names names_;
  mode_t umask_ = 0;
};

}  // namespace parley::client

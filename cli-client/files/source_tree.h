#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.h"

namespace parley::client {

// A file or folder to be sent: `path` below the open folder `base` is what it is here, `name` what it is called there.
struct Source {
  std::shared_ptr<const Descriptor> base;
  std::string path;
  std::string name;  // safe_path()'s
  std::uint64_t size = 0;
  bool directory = false;
};

// What should be sent and cannot be.
struct Missing {
  std::string path;
  bool directory = false;
  std::uint64_t size = 0;
  std::string reason;  // "has too long a name"
};

struct SourceTree {
  std::vector<Source> sources;  // each folder before what is in it, by name
  std::vector<Missing> missing;
  std::vector<std::string> skipped;  // on purpose: "photos/here is a link", for the user to read (not escaped)
  std::string error;                 // one of the paths cannot be sent at all: why, else empty

  std::uint64_t files() const;  // without folders
  std::uint64_t bytes() const;
};

// Finds what is to be sent: each path a file, or a folder with all that is in it. Links, devices and sockets are
// skipped, and so is a file that is named twice, and what receive leaves behind of files that are not complete. Of the
// paths themselves a link or a file that is not there is an error, as the user has named it.
// Holds a descriptor for each different folder that the paths are in.
SourceTree find_sources(const std::vector<std::string>& paths);

}  // namespace parley::client

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "cli-client/files/incoming_file.h"

namespace parley::client {

// Gets files that have come whole to the disk and to their names, and their folders' entries to the disk.
class FinishedFiles {
 public:
  // `file` must live until store().
  void add(IncomingFile& file);
  std::size_t count() const { return files_.size(); }
  // All that were added, `stored` is told of each: 0, or an errno value. EEXIST, EISDIR: something else has its name;
  // ESTALE: its part is no longer what came.
  void store(const std::function<void(IncomingFile&, int error)>& stored);

  // A file, or a folder, has its name in this place.
  void entered(Place place, std::size_t group);
  // What was entered is on the disk.
  void sync_folders();

 private:
  std::vector<IncomingFile*> files_;
  Descriptor folder_;  // of what was entered last
  std::string path_;
  std::size_t group_ = 0;  // which may have a target folder of its own
};

}  // namespace parley::client

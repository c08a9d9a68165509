#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "cli-client/files/incoming_file.h"

namespace parley::client {

// What of a file, or folder, that came whole could not be stored, and why: an errno value.
struct Unstored {
  enum class What {
    content,  // how much of it is on the disk cannot be told, not by reading it either
    name,     // EEXIST, EISDIR: something else has its name; ESTALE: its part is no longer what came
    entry,    // it has its name, which the folder may have lost when the machine is started again
  };
  What what;
  int error;
};

// Gets what has come whole to the disk: its content, then its name, then the folder's entry. All that is added until
// store() together, as each wait for the disk takes milliseconds.
class FinishedFiles {
 public:
  // `file` must live until store().
  void add(IncomingFile& file);
  std::size_t count() const { return files_.size(); }
  // `stored` is told of each that was added, in that order: nullopt if a power failure can no longer take it away.
  void store(const std::function<void(IncomingFile&, std::optional<Unstored>)>& stored);

 private:
  struct Finished {
    IncomingFile* file;
    std::optional<Unstored> failure;
  };

  static void sync_contents(std::vector<Finished>& files);
  static void publish(std::vector<Finished>& files);
  static void sync_entries(std::vector<Finished>& files);

  std::vector<Finished> files_;
};

}  // namespace parley::client

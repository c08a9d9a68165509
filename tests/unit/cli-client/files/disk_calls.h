#pragma once

#include <functional>
#include <string>

namespace parley::client {

// While one lives, system calls of this program that change or store a file go by it first, and fail as it says: as a
// disk does that cannot be made to fail for a test. The functions return an errno value; 0 lets the call pass.
class DiskCalls {
 public:
  DiskCalls();
  ~DiskCalls();
  DiskCalls(const DiskCalls&) = delete;
  DiskCalls& operator=(const DiskCalls&) = delete;

  // `path` is the file's, or folder's, at the time.
  using Call = std::function<int(const std::string& path)>;
  Call fsync = [](const std::string&) { return 0; };
  Call syncfs = [](const std::string&) { return 0; };
  Call ftruncate = [](const std::string&) { return 0; };
};

}  // namespace parley::client

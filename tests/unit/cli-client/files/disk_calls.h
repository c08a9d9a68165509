#pragma once

#include <functional>
#include <string>

namespace parley::client {

// While one lives, system calls of this program that change or store a file go by it first, and fail as it says: as a
// disk does that cannot be made to fail for a test. The functions return an errno value; 0 lets the call pass, and
// kDone makes it seem done, where there would be too much to wait for.
class DiskCalls {
 public:
  DiskCalls();
  ~DiskCalls();
  DiskCalls(const DiskCalls&) = delete;
  DiskCalls& operator=(const DiskCalls&) = delete;

  static constexpr int kDone = -1;
  // `path` is the file's, or folder's, at the time.
  using Call = std::function<int(const std::string& path)>;
  Call fsync = [](const std::string&) { return 0; };
  Call syncfs = [](const std::string&) { return 0; };
  Call ftruncate = [](const std::string&) { return 0; };
};

}  // namespace parley::client

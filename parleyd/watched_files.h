#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "service/config/config.h"
#include "service/loop/clock.h"

namespace parley {

// The files besides the configuration's own that a start and a reload read: certificates, keys, tokens.
std::vector<std::string> files_of(const config::Invocation& invocation);

// Tells when files have become others than those that were read. They are looked at, now and then, rather than
// subscribed to: whether they are written, renamed, or links led elsewhere (as Kubernetes replaces a Secret), on
// whatever file system, is all the same then.
class WatchedFiles {
 public:
  // Who replaces several files, or writes a long one, is left alone until all have stayed as they are for so long.
  static constexpr std::chrono::seconds kSettled{2};

  // What tells a file from what it was; all zeros for none, or an errno alone when it cannot be looked at.
  struct State {
    int error = 0;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t bytes = 0;
    std::int64_t written_ns = 0;
    std::int64_t changed_ns = 0;
    friend auto operator<=>(const State&, const State&) = default;
  };
  using States = std::map<std::string, State>;  // by path

  explicit WatchedFiles(const std::vector<std::string>& paths) { expect(paths, {}); }

  // What the files are now. To be called before they are read, so that what comes meanwhile is told.
  States look() const;
  // From now on it is these files that are watched. They are known as they were in `read`; those that were not there
  // then, as --self-signed makes some, as they are now.
  void expect(const std::vector<std::string>& paths, const States& read);

  // The paths of what has changed since and has settled; each change is told once.
  std::vector<std::string> changed(TimePoint now);

 private:
  States known_;
  States newest_;
  TimePoint newest_since_{};
};

}  // namespace parley

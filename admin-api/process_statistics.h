#pragma once

#include <cstdint>

namespace parley {

// This process as the kernel sees it, from /proc/self; what cannot be read is 0.
struct ProcessStatistics {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // since the epoch
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t threads = 0;
};

ProcessStatistics read_process_statistics();

}  // namespace parley

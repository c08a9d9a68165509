#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace parley {

// This process as the kernel sees it, from /proc/self; what cannot be read is left out.
struct ProcessStatistics {
  std::optional<double> cpu_seconds;
  std::optional<double> start_time_seconds;  // since the epoch
  std::optional<std::uint64_t> open_fds;
  std::optional<std::uint64_t> max_fds;
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> virtual_bytes;
  std::optional<std::uint64_t> threads;
};

// `proc`: where procfs is.
ProcessStatistics read_process_statistics(const std::string& proc = "/proc");

}  // namespace parley

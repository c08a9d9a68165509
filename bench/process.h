#pragma once

#include <sys/types.h>
#include <time.h>

#include <chrono>
#include <cstddef>

namespace parley::bench {

// The CPU time of a process, user and system, to the nanosecond: of any process, not of our children alone.
class CpuClock {
 public:
  // Throws std::runtime_error when there is no such process.
  explicit CpuClock(pid_t pid);
  std::chrono::nanoseconds now() const;

 private:
  clockid_t clock_;
};

// Memory of a process that is in RAM, in bytes. Throws std::runtime_error when it is gone.
std::size_t resident_bytes(pid_t pid);

// Returns once the process has used less than 1 % of a core for 300 ms (keys made ahead are then made).
// Throws std::runtime_error after three minutes.
void wait_until_idle(pid_t pid);

}  // namespace parley::bench

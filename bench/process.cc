#include "bench/process.h"

#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace parley::bench {

using namespace std::chrono_literals;

CpuClock::CpuClock(pid_t pid) {
  if (clock_getcpuclockid(pid, &clock_) != 0) throw std::runtime_error("no process " + std::to_string(pid));
}

std::chrono::nanoseconds CpuClock::now() const {
  timespec time{};
  if (clock_gettime(clock_, &time) != 0) throw std::runtime_error("the relay has ended");
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::size_t resident_bytes(pid_t pid) {
  std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
  std::size_t total_pages = 0;
  std::size_t resident_pages = 0;
  if (!(statm >> total_pages >> resident_pages)) throw std::runtime_error("the relay has ended");
  return resident_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

void wait_until_idle(pid_t pid) {
  const CpuClock cpu(pid);
  const auto deadline = std::chrono::steady_clock::now() + 3min;
  auto before = cpu.now();
  for (int quiet = 0; quiet < 3;) {
    std::this_thread::sleep_for(100ms);
    const auto now = cpu.now();
    quiet = now - before < 1ms ? quiet + 1 : 0;
    before = now;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the relay does not become idle");
  }
}

}  // namespace parley::bench

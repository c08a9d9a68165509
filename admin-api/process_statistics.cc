#include "admin-api/process_statistics.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace parley {

namespace {

// Fields of /proc/PID/stat, counted from 1 as proc(5) does.
constexpr std::size_t kFirstAfterName = 3, kUserTime = 14, kSystemTime = 15, kThreads = 20, kStartTime = 22,
                      kVirtualBytes = 23, kResidentPages = 24;

double per_second(long ticks_per_second, std::uint64_t ticks) {
  return ticks_per_second > 0 ? static_cast<double>(ticks) / static_cast<double>(ticks_per_second) : 0;
}

std::uint64_t boot_time() {
  std::ifstream stat("/proc/stat");
  for (std::string line; std::getline(stat, line);) {
    if (line.starts_with("btime ")) return std::stoull(line.substr(6));
  }
  return 0;
}

std::uint64_t count_open_fds() {
  constexpr const char* kFds = "/proc/self/fd";
  // Since Linux 6.2 the size of the directory is the count; listing it costs 1 ms for each 1,200 descriptors.
  struct stat status{};
  if (stat(kFds, &status) == 0 && status.st_size > 0) return static_cast<std::uint64_t>(status.st_size);
  std::error_code error;
  const std::filesystem::directory_iterator fds(kFds, error);
  if (error) return 0;
  const auto count = std::distance(begin(fds), end(fds));
  return static_cast<std::uint64_t>(count) - 1;  // one is the listing's own
}

}  // namespace

ProcessStatistics read_process_statistics() {
  ProcessStatistics result;
  result.open_fds = count_open_fds();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) result.max_fds = limit.rlim_cur;

  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // The name, field 2, may hold spaces and parentheses: the fields are counted from its last parenthesis.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return result;
  std::istringstream fields(line.substr(name_end + 1));
  std::array<std::uint64_t, kResidentPages + 1> values{};
  std::string word;
  for (std::size_t i = kFirstAfterName; i < values.size() && fields >> word; ++i) {
    values[i] = std::strtoull(word.c_str(), nullptr, 10);
  }
  const long ticks = sysconf(_SC_CLK_TCK);
  static const std::uint64_t booted = boot_time();
  result.cpu_seconds = per_second(ticks, values[kUserTime] + values[kSystemTime]);
  result.start_time_seconds = static_cast<double>(booted) + per_second(ticks, values[kStartTime]);
  result.threads = values[kThreads];
  result.virtual_bytes = values[kVirtualBytes];
  result.resident_bytes = values[kResidentPages] * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return result;
}

}  // namespace parley

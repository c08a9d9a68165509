// A disk that takes its time, for a program that is started with this in LD_PRELOAD: each wait for it takes so many
// milliseconds as SLOW_DISK_MS says, and nothing else, so that the machine's own disk does not count.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

int wait_for_the_disk() {
  const char* const milliseconds = std::getenv("SLOW_DISK_MS");
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds != nullptr ? std::atoi(milliseconds) : 0));
  return 0;
}

}  // namespace

extern "C" {
int fsync(int) { return wait_for_the_disk(); }
int fdatasync(int) { return wait_for_the_disk(); }
int syncfs(int) noexcept { return wait_for_the_disk(); }
}

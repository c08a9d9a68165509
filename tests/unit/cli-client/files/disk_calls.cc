#include "tests/unit/cli-client/files/disk_calls.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace parley::client {
namespace {

DiskCalls* now = nullptr;

// The C library's function `number` stands for, or the error that is wanted in its place.
template <class... Arguments>
int call(DiskCalls::Call DiskCalls::* wanted, long number, int fd, Arguments... arguments) {
  if (now != nullptr) {
    std::error_code ignored;
    const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), ignored);
    const int error = (now->*wanted)(path);
    if (error == DiskCalls::kDone) return 0;
    if (error != 0) {
      errno = error;
      return -1;
    }
  }
  return static_cast<int>(::syscall(number, fd, arguments...));
}

}  // namespace

DiskCalls::DiskCalls() { now = this; }
DiskCalls::~DiskCalls() { now = nullptr; }

}  // namespace parley::client

// The program's own definitions go before the C library's.
extern "C" {
int fsync(int fd) { return parley::client::call(&parley::client::DiskCalls::fsync, SYS_fsync, fd); }
int syncfs(int fd) noexcept { return parley::client::call(&parley::client::DiskCalls::syncfs, SYS_syncfs, fd); }
int ftruncate(int fd, off_t size) noexcept {
  return parley::client::call(&parley::client::DiskCalls::ftruncate, SYS_ftruncate, fd, size);
}
}

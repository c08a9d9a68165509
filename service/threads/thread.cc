#include "service/threads/thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace parley {

namespace {

constexpr std::size_t kMostOfAName = 15;

// What bounds threads here, as far as it can be seen from within: the user's limit, and the container's (cgroup v2).
std::string limits() {
  std::string text;
  const auto add = [&text](int resource, const char* shown, rlim_t unit) {
    rlimit limit{};
    if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
    text += (text.empty() ? "" : ", ") + (shown + std::to_string(limit.rlim_cur / unit));
  };
  add(RLIMIT_NPROC, "ulimit -u is ", 1);
  add(RLIMIT_AS, "ulimit -v is ", 1024);
  std::string most;
  std::ifstream("/sys/fs/cgroup/pids.max") >> most;
  if (!most.empty() && most != "max") text += (text.empty() ? "" : ", ") + ("the container's limit on pids is " + most);
  return text.empty() ? "a limit on threads (ulimit -u, pids) or on memory" : text;
}

// As the kernel takes it, in its first version (sched_setattr(2)); glibc has it since 2.41.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // nanoseconds
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);

// Who asks for short slices is woken before whoever has a longer one, and may not run for longer on the whole. A kernel
// that knows nothing of that takes it, and changes nothing; nobody is worse off where it may not be asked.
void ask_for_short_slices() {
  constexpr std::uint64_t kShortest = 100'000;
  if (::sched_getscheduler(0) != SCHED_OTHER) return;
  const SchedulingAttributes wanted{.nice = ::getpriority(PRIO_PROCESS, 0), .runtime = kShortest};
  ::syscall(SYS_sched_setattr, 0, &wanted, 0);
}

}  // namespace

std::thread start_thread(const ThreadRole& role, std::function<void()> body) {
  try {
    std::thread thread([prompt = role.prompt, run = std::move(body)] {
      if (prompt) ask_for_short_slices();
      run();
    });
    const std::string numbered = role.of > 1 ? role.name + "-" + std::to_string(role.number - 1) : role.name;
    ::pthread_setname_np(thread.native_handle(), numbered.substr(0, kMostOfAName).c_str());
    return thread;
  } catch (const std::system_error& failure) {
    throw std::runtime_error("cannot start thread " + std::to_string(role.number) + " of " + std::to_string(role.of) +
                             " (" + role.name + "): " + failure.code().message() + "; " + limits() +
                             ": raise what is in the way" +
                             (role.fewer.empty() ? std::string() : ", or " + std::string(role.fewer)));
  }
}

}  // namespace parley

#include "service/threads/thread.h"

#include <pthread.h>
#include <sys/resource.h>

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

}  // namespace

std::thread start_thread(const ThreadRole& role, std::function<void()> body) {
  try {
    std::thread thread(std::move(body));
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

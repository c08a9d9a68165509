#include "cli-client/base/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>

#include "base/errno_text.h"
#include "cli-client/base/exit_status.h"
#include "cli-client/base/say.h"

namespace parley::client {
namespace {

constexpr int kForEver = -1;
int reader_time = kForEver;  // ms

// False: nobody makes any.
bool await_room() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  if (::poll(&out, 1, 0) != 0) return true;
  if (reader_time == kForEver) {
    sigset_t none;
    sigemptyset(&none);
    (void)::ppoll(&out, 1, nullptr, &none);
    return true;
  }
  if (::poll(&out, 1, reader_time) > 0) return true;
  reader_time = 0;
  return false;
}

}  // namespace

int write_out(std::string_view text) {
  while (!text.empty()) {
    if (!await_room()) return EPIPE;
    // A pipe that has room takes so much at once.
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR && errno != EAGAIN) {
      return errno;
    }
  }
  return 0;
}

void hurry_readers() { reader_time = 1000; }

int print_out(std::string_view text) {
  const int error = write_out(text);
  if (error == 0) return static_cast<int>(ExitStatus::done);
  say_output_failure(error);
  return static_cast<int>(ExitStatus::failed);
}

bool is_output_failure(int error) { return error != 0 && error != EPIPE; }

void say_output_failure(int error) { say("cannot write to standard output: " + errno_text(error)); }

}  // namespace parley::client

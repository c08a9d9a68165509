#include "cli-client/probe/round_lines.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

namespace parley::client {

int RoundLines::put(std::string_view line) {
  if (gone_) return 0;
  std::string text = cut_ ? "\n" : "";
  text.append(line).append("\n");
  for (std::string_view rest = text; !rest.empty();) {
    pollfd out{fd_, POLLOUT, 0};
    if (::poll(&out, 1, 0) == 0) {
      cut_ = cut_ || rest.size() < text.size();
      return 0;
    }
    // A pipe that has room takes so much without waiting.
    const ssize_t count = ::write(fd_, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR && errno != EAGAIN) {
      gone_ = true;
      return errno;
    }
  }
  cut_ = false;
  return 0;
}

}  // namespace parley::client

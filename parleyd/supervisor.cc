#include "parleyd/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>

#include "base/descriptor.h"

namespace parley {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<long long> number(const std::string& text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

Supervisor Supervisor::of_environment() {
  const auto watchdog = number(variable("WATCHDOG_USEC"));
  const std::string pid = variable("WATCHDOG_PID");
  const bool is_meant = pid.empty() || number(pid) == ::getpid();
  return Supervisor(variable("NOTIFY_SOCKET"),
                    watchdog && is_meant ? std::optional(std::chrono::microseconds(*watchdog)) : std::nullopt);
}

std::optional<std::chrono::milliseconds> Supervisor::how_often() const {
  if (socket_.empty() || !watchdog_) return std::nullopt;
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(*watchdog_ / 2), std::chrono::milliseconds(1));
}

void Supervisor::tell(const std::string& message) const {
  sockaddr_un address{};
  // A path, or a name of Linux' abstract ones, which begins with @ here and with a zero there.
  if (socket_.empty() || (socket_[0] != '/' && socket_[0] != '@') || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::ranges::copy(socket_, address.sun_path);
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  (void)::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace parley

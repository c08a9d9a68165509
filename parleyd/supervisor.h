#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

// What a supervisor such as systemd is told, by the protocol of sd_notify(3), which is stable and which its section
// "Notes" has anybody speak without a library. Without NOTIFY_SOCKET nothing is said, and nothing waits for who does
// not listen.
class Supervisor {
 public:
  // As the environment has it: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  static Supervisor of_environment();
  explicit Supervisor(std::string socket = {}, std::optional<std::chrono::microseconds> watchdog = {})
      : socket_(std::move(socket)), watchdog_(watchdog) {}

  void ready() const { tell("READY=1"); }
  void stopping() const { tell("STOPPING=1"); }
  // One line, for `systemctl status`.
  void status(std::string_view text) const { tell("STATUS=" + std::string(text)); }
  void alive() const { tell("WATCHDOG=1"); }
  // How often alive() is to be said, half of what there is time for; nothing when nobody waits for it.
  std::optional<std::chrono::milliseconds> how_often() const;

 private:
  void tell(const std::string& message) const;

  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace parley

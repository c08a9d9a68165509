#include "service/view/view.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace parley {

std::string rfc3339(WallTime time) {
  const auto since_epoch = std::chrono::floor<milliseconds>(time.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const std::time_t clock = whole.count();
  std::tm parts{};
  gmtime_r(&clock, &parts);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>((since_epoch - whole).count()));
  return text.data();
}

std::string_view label(SessionState state) {
  switch (state) {
    case SessionState::active:
      return "active";
    case SessionState::held:
      return "held";
    case SessionState::closing:
      return "closing";
  }
  return {};
}

std::string_view label(ServiceState state) {
  switch (state) {
    case ServiceState::starting:
      return "starting";
    case ServiceState::ready:
      return "ready";
    case ServiceState::draining:
      return "draining";
    case ServiceState::stopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace parley

#include "cli-client/terminal/time_stamps.h"

#include <array>
#include <utility>

namespace parley::client {
namespace {

std::string formatted(std::time_t time, const char* format) {
  std::tm parts{};
  std::array<char, 64> text{};
  if (::localtime_r(&time, &parts) != nullptr) std::strftime(text.data(), text.size(), format, &parts);
  return text.data();
}

}  // namespace

std::optional<std::string> TimeStamps::new_day(std::time_t now) {
  std::string today = day(now);
  if (std::exchange(day_, today) == today) return std::nullopt;
  return today;
}

std::string TimeStamps::time_of_day(std::time_t now) { return formatted(now, "%H:%M"); }
std::string TimeStamps::day(std::time_t time) { return formatted(time, "%A, %-d %B %Y"); }

}  // namespace parley::client

#include "cli-client/files/quantity.h"

#include <array>

namespace parley::client {

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 7> kUnits = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  std::uint64_t tenths = bytes;  // of the unit, once it is not bytes
  std::size_t unit = 0;
  if (bytes >= 1000) {
    tenths = bytes / 100;
    unit = 1;
    for (; tenths >= 10'000; ++unit) tenths /= 1000;
  }
  if (unit == 0) return std::to_string(bytes) + " B";
  std::string text = std::to_string(tenths / 10);
  // Two digits say enough.
  if (tenths < 100) text += "." + std::to_string(tenths % 10);
  return text + " " + kUnits[unit];
}

std::string time_text(std::chrono::seconds time) {
  const auto seconds = time.count();
  const auto pair = [](auto a, const char* big, auto b, const char* small) {
    return std::to_string(a) + " " + big + (b > 0 ? " " + std::to_string(b) + " " + small : "");
  };
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return pair(seconds / 60, "min", seconds % 60, "s");
  if (seconds < 86'400) return pair(seconds / 3600, "h", seconds / 60 % 60, "min");
  return pair(seconds / 86'400, "d", seconds / 3600 % 24, "h");
}

std::string count_text(std::uint64_t count, const std::string& one, const std::string& many) {
  std::string digits = std::to_string(count);
  for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, ",");
  return digits + " " + (count == 1 ? one : many);
}

}  // namespace parley::client

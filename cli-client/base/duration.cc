#include "cli-client/base/duration.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace parley::client {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 4> kUnits = {{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
// A year: far from any overflow of a clock's nanoseconds.
constexpr std::int64_t kMaxMilliseconds = std::int64_t{365} * 24 * 3'600'000;

}  // namespace

tl::expected<std::optional<std::chrono::milliseconds>, std::string> parse_duration(std::string_view text) {
  if (text == "none") return std::nullopt;
  std::int64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (error == std::errc() && count == 0 && name.empty()) return std::chrono::milliseconds(0);
  for (const Unit& unit : kUnits) {
    if (error != std::errc() || count < 0 || unit.name != name) continue;
    if (count > kMaxMilliseconds / unit.milliseconds)
      return tl::unexpected(std::string("longer than a year; say none"));
    return std::chrono::milliseconds(count * unit.milliseconds);
  }
  return tl::unexpected("\"" + std::string(text) + "\" is not a time; write it like 500ms, 10s, 2m, 1h, 0 or none");
}

std::optional<std::chrono::milliseconds> parse_limit(std::string_view text) {
  const auto time = parse_duration(text).value();
  return time && time->count() == 0 ? std::nullopt : time;
}

std::string duration_text(std::chrono::milliseconds duration) {
  for (const Unit& unit : kUnits) {
    if (duration.count() != 0 && duration.count() % unit.milliseconds == 0) {
      return std::to_string(duration.count() / unit.milliseconds) + std::string(unit.name);
    }
  }
  return "0";
}

}  // namespace parley::client

#include "base/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace parley {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMostMilliseconds = 365ULL * 24 * 3600 * 1000;
constexpr const char* kForm = "give a number with ms, s, m or h, as in 250ms, 10m or 1m30s";

struct TimeUnit {
  std::string_view word;
  std::uint64_t milliseconds;
};
constexpr std::array<TimeUnit, 4> kTimeUnits{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

tl::unexpected<Fault> no_duration(std::string why, std::string remedy = kForm) {
  return tl::make_unexpected(Fault{std::move(why), std::move(remedy)});
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

tl::expected<milliseconds, Fault> parse_duration(std::string_view text) {
  if (text.empty()) return no_duration("it is empty");
  std::uint64_t total = 0;
  const TimeUnit* last = nullptr;
  while (!text.empty()) {
    const auto digits = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    if (digits == 0) return no_duration("it is not a duration");
    std::uint64_t number = 0;
    const bool fits = std::from_chars(text.data(), text.data() + digits, number).ec == std::errc();
    text.remove_prefix(digits);
    const auto letters = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_digit) - text.begin());
    const std::string_view word = text.substr(0, letters);
    text.remove_prefix(letters);
    if (word.empty()) return no_duration("it has no unit");
    const auto* const unit = std::ranges::find(kTimeUnits, word, &TimeUnit::word);
    if (unit == kTimeUnits.end()) return no_duration("it is not a duration");
    if (last != nullptr && unit <= last) return no_duration("its units are not in the order h, m, s, ms");
    last = unit;
    if (!fits || number > kMostMilliseconds / unit->milliseconds ||
        total + number * unit->milliseconds > kMostMilliseconds)
      return no_duration("it is longer than a year", "give at most 8760h");
    total += number * unit->milliseconds;
  }
  return milliseconds{static_cast<milliseconds::rep>(total)};
}

std::string duration_text(milliseconds duration) {
  if (duration.count() == 0) return "0s";
  const auto count = static_cast<std::uint64_t>(duration.count());
  const auto* const unit =
      std::ranges::find_if(kTimeUnits, [&](const TimeUnit& one) { return count % one.milliseconds == 0; });
  return std::to_string(count / unit->milliseconds).append(unit->word);
}

}  // namespace parley

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "service/settings/settings.h"

// The service's log: events with fields, to standard error, as text or as JSON lines. Thread-safe throughout.
// Never give it what clients say to each other, unless --log-messages is on.

namespace parley {

enum class Level : std::uint8_t { trace, debug, info, warning, error, critical, off };
constexpr std::array<std::string_view, 7> kLogLevelNames{"trace", "debug",    "info", "warning",
                                                         "error", "critical", "off"};
std::optional<Level> parse_log_level(std::string_view name);

// From here on lines are written by a thread of their own, behind a queue of bounded length: when standard error
// takes nothing, the oldest lines are lost (and how many is said once it takes some again), but no caller ever waits.
// Before, and after stop_logging(), a caller writes its text line itself. Throws std::runtime_error without a thread.
void start_logging(const LogSettings& settings);

// Ends the thread when it has written what is queued, or that time has passed: then nothing is written any more.
void stop_logging(std::chrono::milliseconds within = std::chrono::seconds{10});

// False, and nothing done, when there is no such level.
bool set_log_level(std::string_view name);

namespace log_detail {
inline std::atomic<Level> least_level{Level::info};
}

// For callers whose fields cost something to make.
inline bool log_enabled(Level level) { return level >= log_detail::least_level.load(std::memory_order_relaxed); }

struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  LogField(std::string_view field, std::convertible_to<std::string_view> auto const& text)
      : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, std::same_as<bool> auto yes) : name(field), value(yes) {}
  LogField(std::string_view field, std::floating_point auto number) : name(field), value(static_cast<double>(number)) {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  LogField(std::string_view field, Number number) : name(field) {
    if constexpr (std::signed_integral<Number>) {
      value = static_cast<std::int64_t>(number);
    } else {
      value = static_cast<std::uint64_t>(number);
    }
  }

  std::string_view name;  // lower case, digits and '_'; not "time", "level" or "message"
  Value value;
};

// `log_event(Level::info, "session ended", {{"session", id}, {"reason", label(reason)}, {"bytes_in", 12}})` gives
//   2026-11-23T17:45:20.123Z info session ended session=7 reason=peer-closed bytes_in=12
//   {"time":"2026-11-23T17:45:20.123Z","level":"info","message":"session ended","session":7,…}
// Texts are only looked at during the call. Whatever bytes they hold, an event stays one line, without control
// characters: text values are quoted and escaped where needed. Does not throw.
void log_event(Level level, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept;

// An event as a line of the log has it now, for who writes it elsewhere than there.
std::string log_line(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

// Lines logged at each level, trace to critical, since the process began.
std::array<std::uint64_t, 6> log_counts();
// Lines that standard error has not taken since the process began.
std::uint64_t log_lines_lost();

}  // namespace parley

#include "cli-client/base/time_option.h"

#include "base/duration.h"

namespace parley::client {

tl::expected<std::optional<std::chrono::milliseconds>, std::string> parse_time(std::string_view text) {
  if (text == "none") return std::nullopt;
  if (text == "0") return std::chrono::milliseconds(0);
  const auto duration = parse_duration(text);
  if (duration) return *duration;
  return tl::unexpected("\"" + std::string(text) + "\": " + to_string(duration.error()) + ", or 0 or none");
}

std::optional<std::chrono::milliseconds> parse_limit(std::string_view text) {
  const auto time = parse_time(text).value();
  return time && time->count() == 0 ? std::nullopt : time;
}

}  // namespace parley::client

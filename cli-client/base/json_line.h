#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "protocol/json/object.h"

namespace parley::client {

// What programs are told, an event a line: docs/events.schema.json has them all. `v` is of the dialect, which grows but
// does not change: 1.
constexpr int kJsonDialect = 1;

// {"v":1,"time":"2026-11-29T13:00:00Z","event":"text",...}, without its line feed, in ASCII, which steers no terminal.
std::string json_line(std::string_view event, const json::Object& members);

// A time as events have it: "2026-11-29T13:00:00Z".
std::string utc_text(std::time_t at);

}  // namespace parley::client

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace parley::client {

// What programs are told, an event a line: docs/events.schema.json has them all. `v` is of the dialect, which grows but
// does not change: 1.
constexpr int kJsonDialect = 1;

// {"v":1,"time":"2026-11-29T13:00:00Z","event":"text",...}, without its line feed, in ASCII, which steers no terminal.
// `members`: an object, in the order that they are to have.
std::string json_line(std::string_view event, const nlohmann::ordered_json& members);

}  // namespace parley::client

#include "cli-client/base/json_line.h"

#include <ctime>

namespace parley::client {

std::string utc_text(std::time_t at) {
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&at, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string json_line(std::string_view event, const json::Object& members) {
  return json::Object{{"v", kJsonDialect}, {"time", utc_text(std::time(nullptr))}, {"event", event}}
      .put_all(members)
      .ascii_text();
}

}  // namespace parley::client

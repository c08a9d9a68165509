#include "cli-client/base/json_line.h"

#include <ctime>

namespace parley::client {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

std::string json_line(std::string_view event, const json::Object& members) {
  return json::Object{{"v", kJsonDialect}, {"time", utc_now()}, {"event", event}}.put_all(members).ascii_text();
}

}  // namespace parley::client

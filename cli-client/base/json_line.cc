#include "cli-client/base/json_line.h"

#include <ctime>
#include <nlohmann/json.hpp>

namespace parley::client {
namespace {

using Json = nlohmann::ordered_json;

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

std::string json_line(std::string_view event, const Json& members) {
  Json all = {{"v", kJsonDialect}, {"time", utc_now()}, {"event", event}};
  all.update(members);
  return all.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace parley::client

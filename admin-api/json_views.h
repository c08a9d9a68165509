#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "service/view/control.h"
#include "service/view/view.h"

namespace parley {

// The JSON of /api/v1. Times are RFC 3339 in UTC, durations are seconds (names end in _s), a limit that is switched
// off and a value that is not known are null.

using Json = nlohmann::ordered_json;

Json to_json(const LegView& leg);
Json to_json(const SessionView& session);
Json to_json(const WaitingView& waiting);
Json to_json(const Answered<std::vector<WaitingView>>& lobby);
Json to_json(const std::optional<DrainView>& drain);
Json to_json(const ReloadReport& report);
Json to_json(const KeyRotation& rotation);
Json to_json(const LogLevelView& level);
Json to_json(const std::vector<ConfiguredValue>& values);
Json status_json(const Registry& registry);

}  // namespace parley

#include "admin-api/session_listing.h"

#include <algorithm>

#include "admin-api/json_views.h"
#include "admin-api/session_query.h"

namespace parley {

bool SessionListing::write(std::string& out) {
  next_.limit = std::min(left_, kAtATime);
  const auto answer = registry_.sessions(next_);
  if (!begun_) out += "{\"sessions\": [";
  for (const SessionView& session : answer.value) {
    out += begun_ ? ",\n  " : "\n  ";
    out += to_json(session).dump(-1, ' ', false, Json::error_handler_t::replace);
    begun_ = true;
  }
  left_ -= std::min(left_, answer.value.size());
  const auto cursor = next_cursor(answer, next_);
  if (cursor && answer.complete && left_ > 0) {
    next_.before = answer.value.back().id;
    return true;
  }
  out += "\n], \"next_cursor\": " + (cursor ? Json(*cursor) : Json(nullptr)).dump() +
         ", \"incomplete\": " + (answer.complete ? "false" : "true") + "}\n";
  return false;
}

}  // namespace parley

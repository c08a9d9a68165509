#pragma once

#include <cstddef>
#include <string>

#include "service/view/view.h"

namespace parley {

// A page of sessions as JSON, asked for and written a few at a time as its client takes them, so that many clients that
// take large pages slowly hold little of the relay's memory. Sessions that end meanwhile are left out. `registry` must
// outlive it.
//   {"sessions": [...], "next_cursor": "..." or null when nothing follows, "incomplete": bool}
// An incomplete one, to which a shard has not answered, ends there and always says where to go on.
class SessionListing {
 public:
  static constexpr std::size_t kAtATime = 20;

  SessionListing(const Registry& registry, SessionQuery query)
      : registry_(registry), next_(query), left_(query.limit) {}

  // Appends what comes next. False: that was the last.
  bool write(std::string& out);

 private:
  const Registry& registry_;
  SessionQuery next_;
  std::size_t left_;  // sessions that the page has room for
  bool begun_ = false;
};

}  // namespace parley

#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "service/view/events.h"
#include "service/view/view.h"

namespace parley {

// What happens, as Server-Sent Events (HTML Living Standard section 9.2): each has a name and a JSON object with its
// time. Refusals are a summary a second, by protocol and reason, as there may be any number of them.
class EventStream {
 public:
  // Something is said at least so often: who has vanished is noticed by that.
  static constexpr std::chrono::seconds kHeartbeat{15};
  static constexpr std::chrono::seconds kSummary{1};

  // nullptr: as many watch as may. `registry` must outlive it.
  static std::shared_ptr<EventStream> open(const Registry& registry);
  EventStream(const Registry& registry, std::unique_ptr<Events::Watcher> watcher);

  // Appends what comes next, and waits for it. False: that was the last.
  bool write(std::string& out);

 private:
  using Clock = std::chrono::steady_clock;
  void write_refusals(std::string& out);

  const Registry& registry_;
  std::unique_ptr<Events::Watcher> watcher_;
  Counts seen_;
  Clock::time_point summary_at_;
  bool begun_ = false;
};

}  // namespace parley

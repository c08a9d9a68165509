#pragma once

#include <cstddef>
#include <mutex>
#include <optional>

#include "service/session/detached.h"
#include "service/view/ids.h"

namespace parley {

class ClassicLeg;

// A shard as others see it that have somebody for one who waits there. Any thread may call.
class ClassicMeetingPoint {
 public:
  virtual void meet(LegId waiting, Detached<ClassicLeg> arrival) = 0;

 protected:
  ~ClassicMeetingPoint() = default;
};

// Who waits for whom. Classic pairs by arrival: whoever comes meets the one who waits, so that at most one leg
// waits at a time. Shared by all shards and asked once a connection, never per message. Thread-safe.
class Lobby {
 public:
  // Where a waiting leg is to be found.
  struct Ticket {
    ClassicMeetingPoint* at = nullptr;
    LegId leg;
  };

  // Who waited, and does no longer; or nullopt: nobody did, and now this one waits.
  std::optional<Ticket> enter(Ticket arrival);

  // False when it was no longer waiting: a partner is on its way.
  bool leave(LegId leg);

  std::size_t waiting() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Ticket> waiting_;
};

}  // namespace parley

#pragma once

#include <list>
#include <mutex>
#include <utility>
#include <vector>

#include "service/loop/clock.h"
#include "service/net/stream.h"
#include "service/settings/settings.h"
#include "service/view/view.h"

namespace parley {

// The legs that are between two shards, which own them neither: so that they are seen, and none is under way for long
// when the one that it is to belong to stands still. Shared by all shards. Thread-safe.
class InTransit {
  struct Moving {
    WaitingView seen;
    TimePoint since;
    Stream& stream;
    bool cut = false;
  };
  using Legs = std::list<Moving>;

 public:
  // A leg's being under way: from its making to its end.
  class Entry {
   public:
    Entry(InTransit& all, WaitingView seen, TimePoint now, Stream& stream);
    Entry(Entry&& other) noexcept : all_(std::exchange(other.all_, nullptr)), at_(other.at_) {}
    Entry& operator=(Entry&&) = delete;
    // Nobody else has to do with its stream from here on.
    ~Entry();

   private:
    InTransit* all_;  // nullptr: moved from
    Legs::iterator at_;
  };

  std::vector<WaitingView> legs() const;
  // Shuts down the connections of those that have been under way for that long; 0: of none.
  void cut_overdue(TimePoint now, milliseconds longest);

 private:
  mutable std::mutex mutex_;
  Legs moving_;  // the longest under way first
};

}  // namespace parley

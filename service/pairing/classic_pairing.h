#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "service/pairing/lobby.h"
#include "service/session/classic_leg.h"
#include "service/session/dismissed_legs.h"
#include "service/session/session_table.h"

namespace parley {

// Who meets whom in classic, on one shard: whoever comes meets the one who waits, on whatever shard that is, or waits
// here. Runs on the shard's thread, but for meet().
class ClassicPairing final : public ClassicMeetingPoint {
 public:
  // All must outlive it; the lobby is shared by all shards.
  ClassicPairing(ShardContext& shard, Lobby& lobby, SessionTable& sessions, DismissedLegs& dismissed)
      : shard_(shard), lobby_(lobby), sessions_(sessions), dismissed_(dismissed) {}

  // A greeted leg, to be paired.
  void arrive(std::unique_ptr<ClassicLeg> leg);
  void meet(LegId waiting, Detached<ClassicLeg> arrival) override;

  // Sends away who waits, and who comes from now on.
  void drain();
  void undrain() { draining_ = false; }
  // Waits for nobody any longer; after drain().
  void abort();

  std::vector<WaitingView> waiting() const;

 private:
  struct Waiting {
    ClassicLeg* leg;
    TimePoint since;
    std::unique_ptr<ClassicLeg> partner = {};  // once it has come
  };

  // False: the one who waited has gone; `arrival` is untouched.
  bool meet_here(LegId waiting, std::unique_ptr<ClassicLeg>& arrival);
  awaitable<void> wait(std::unique_ptr<ClassicLeg> leg);

  ShardContext& shard_;
  Lobby& lobby_;
  SessionTable& sessions_;
  DismissedLegs& dismissed_;
  std::unordered_map<std::uint64_t, Waiting> waiting_;  // by the leg's id
  bool draining_ = false;
};

}  // namespace parley

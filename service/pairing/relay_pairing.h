#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/pairing/rooms.h"
#include "service/session/dismissed_legs.h"
#include "service/session/relay_leg.h"
#include "service/session/relay_session.h"
#include "service/session/session_table.h"

namespace parley {

// Who meets whom in relay/1, on one shard, and who comes back to which session: legs meet in rooms, on the shard of the
// one who waited, once that one has shown that it is still there.
// Runs on the shard's thread, but for enter() and replace_waiting().
class RelayPairing final : public RelayMeetingPoint, public RelaySession::Keeper {
 public:
  // All must outlive it; the rooms are shared by all shards.
  RelayPairing(ShardContext& shard, Rooms& rooms, SessionTable& sessions, DismissedLegs& dismissed)
      : shard_(shard), rooms_(rooms), sessions_(sessions), dismissed_(dismissed) {}

  // A greeted leg finds its place in its room.
  void arrive(std::unique_ptr<RelayLeg> leg);
  void enter(const Rooms::Answer& answer, Detached<RelayLeg> arrival) override;
  void replace_waiting(LegId waiting) override;

  // Sends away who comes from now on, and who waits: those spread over that time.
  void drain(milliseconds within);
  void undrain() { draining_ = false; }
  // Waits for nobody any longer; after drain().
  void abort();
  // Asks all who are in sessions to come back elsewhere, spread over that time.
  void go_away(milliseconds within);

  std::vector<WaitingView> waiting() const;

 private:
  // By the id of the leg that opened the room, as Rooms knows it, until its session begins.
  struct Waiting {
    RelayLeg* leg;  // nobody once it has gone while its partner was on its way: that one is to find out
    std::string room;
    relay::SessionName name{};  // of the session to be
    relay::Place place{};       // of who waits
    TimePoint since;
    std::unique_ptr<RelayLeg> partner = {};  // once it has come, while who waits is asked for a sign of life
  };
  using WaitingById = std::unordered_map<std::uint64_t, Waiting>;

  void wait_here(const Rooms::Answer& answer, std::unique_ptr<RelayLeg> leg);
  // What Rooms has said leads to this shard.
  void take_place(const Rooms::Answer& answer, std::unique_ptr<RelayLeg> leg);
  void take_partners_place(WaitingById::iterator found, Rooms::Kind how, std::unique_ptr<RelayLeg> leg);
  void take_waiting_place(WaitingById::iterator found, std::unique_ptr<RelayLeg> leg);
  awaitable<void> wait(LegId id, std::unique_ptr<RelayLeg> leg);
  void begin_session(WaitingById::iterator found, std::unique_ptr<RelayLeg> waited);
  milliseconds draw_moment(milliseconds within);

  // RelaySession::Keeper
  void held(const RelaySession& session, bool held) override;
  void over(const RelaySession& session) override;

  ShardContext& shard_;
  Rooms& rooms_;
  SessionTable& sessions_;
  DismissedLegs& dismissed_;
  WaitingById waiting_;
  std::map<relay::SessionName, RelaySession*> sessions_by_name_;  // those that can be come back to
  bool draining_ = false;
};

}  // namespace parley

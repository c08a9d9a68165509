#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "protocol/relay/control.h"
#include "protocol/relay/resume_token.h"
#include "service/session/relay_leg.h"
#include "service/session/session.h"

namespace parley {

// A session of relay/1. It tells its clients what becomes of it, outlives their connections for as long as the grace
// says, and takes others in their places.
class RelaySession final : public Session {
 public:
  struct Terms {
    std::string room;
    relay::SessionName name{};
    bool resumed = false;  // known from its tokens alone: it began before a restart
    milliseconds grace{};  // zero: a lost leg is an end
  };

  // Who keeps the room for it. Told before any client can know. Must outlive the session.
  class Keeper {
   public:
    // A place is held for a lost leg, or none is any more.
    virtual void held(const RelaySession& session, bool held) = 0;
    // It ends, though the last words are still to be said: nobody may come back to it.
    virtual void over(const RelaySession& session) = 0;

   protected:
    ~Keeper() = default;
  };

  RelaySession(ShardContext& shard, SessionId id, Terms terms, std::unique_ptr<RelayLeg> first,
               std::unique_ptr<RelayLeg> second, Keeper& keeper);

  void begin() override;
  void end(SessionEnd why) override;

  // A leg for `place`, whose own is lost or is replaced by this. False, and `leg` untouched: the session is over.
  bool rejoin(relay::Role place, std::unique_ptr<RelayLeg>& leg);
  // Asks the clients to come back later, elsewhere if there is an elsewhere.
  void go_away(const std::function<milliseconds()>& reconnect_after);

  const std::string& room() const { return terms_.room; }
  const relay::SessionName& name() const { return terms_.name; }
  SessionView view() const override;

 private:
  // Of a client whose connection is lost.
  struct Absence {
    Absence(LegView last, TimePoint now, DeadlineWheel& wheel, std::function<void()> grace_has_passed)
        : last_seen(std::move(last)), since(now), grace(wheel, std::move(grace_has_passed)) {}
    LegView last_seen;
    TimePoint since;
    Deadline grace;
  };
  // 0 first, 1 second.
  struct Place {
    RelayLeg* leg = nullptr;           // who is seated there; nobody while lost
    std::unique_ptr<Absence> absence;  // while lost, and to the end
  };

  RelaySession(ShardContext& shard, SessionId id, Terms terms, RelayLeg& first, RelayLeg& second,
               std::unique_ptr<RelayLeg>&& first_owner, std::unique_ptr<RelayLeg>&& second_owner, Keeper& keeper);

  void leg_ended(std::size_t side, const Leg& leg, EndReason reason) override;
  TimePoint last_heard_at() const override;
  void lose(std::size_t side, const Leg& leg);
  SessionPlace place(std::size_t side, bool resumed) const;

  // Constant after construction.
  const Terms terms_;
  Keeper& keeper_;

  // Owned by the shard.
  std::array<Place, 2> places_;
  std::uint64_t resumptions_ = 0;
};

}  // namespace parley

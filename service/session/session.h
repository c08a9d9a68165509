#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "service/loop/deadline_wheel.h"
#include "service/loop/event.h"
#include "service/loop/gate.h"
#include "service/session/leg.h"

namespace parley {

// Why a session ended, and whose doing it was.
struct SessionEnd {
  EndReason reason;
  EndedBy by;
};

// Two legs that have been paired, until both are gone: one pump each way, with back-pressure by not reading. As it is
// here it ends with the first leg that does; RelaySession outlives its legs.
// Owned by one shard; every method runs on that shard's thread. Destroy it after run() has returned.
class Session {
 public:
  Session(ShardContext& shard, SessionId id, std::unique_ptr<Leg> first, std::unique_ptr<Leg> second);
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // From now on messages are carried. Once; run() is to follow.
  virtual void begin();
  // Returns once a leg has ended for good, the idle deadline has passed or end() was called, and the other leg, or
  // both, have been given what was queued for them, and are closed.
  awaitable<SessionEnd> run();

  // Ends it; run() returns when both legs have been given what is queued for them. The first end stays.
  virtual void end(SessionEnd why);
  // Ends it without waiting for anybody.
  void abort(SessionEnd why);
  // The idle deadline may be another now.
  void check_idle();

  SessionId id() const { return id_; }
  Protocol protocol() const { return protocol_; }
  SessionState state() const;
  TimePoint started_at() const { return started_at_; }
  virtual SessionView view() const;

 protected:
  static constexpr EndedBy by_side(std::size_t side) { return side == 0 ? EndedBy::first : EndedBy::second; }

  // A leg in its place has ended while the session had not.
  virtual void leg_ended(std::size_t side, const Leg& leg, EndReason reason);
  // When a client last gave a sign of life.
  virtual TimePoint last_heard_at() const { return last_message_at_; }

  ShardContext& shard() const { return shard_; }
  bool over() const { return end_.has_value(); }
  // Whoever had the place, and is still there, is let go: it is given what is queued for it, and closed.
  void vacate(std::size_t side);
  void seat(std::size_t side, std::unique_ptr<Leg> leg);
  bool seated(std::size_t side) const { return sides_[side].leg != nullptr; }
  void count_state();

  // Of the session, whatever its legs are.
  TimePoint last_message_at_;

 private:
  // 0 first, 1 second.
  struct Side {
    Leg* leg = nullptr;           // nobody while the place is vacant
    std::unique_ptr<Leg> at_end;  // before its pump has begun, and once it has ended with the session
    Event room;                   // the leg may take more, or is gone
  };

  awaitable<void> pump(std::size_t side, std::unique_ptr<Leg> leg);
  void carry(std::size_t side, const Message& message);

  // Constant after construction.
  ShardContext& shard_;
  const SessionId id_;
  const Protocol protocol_;
  const WallTime started_;
  const TimePoint started_at_;

  // Owned by the shard.
  std::array<Side, 2> sides_;
  std::vector<Leg*> leaving_;  // lost their places, and are being told so
  std::optional<SessionEnd> end_;
  SessionState counted_ = SessionState::active;
  Deadline idle_;
  Event over_;
  Gate pumps_;
};

}  // namespace parley

#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
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

// What makes a session resumable (relay/1).
struct Meeting {
  relay::SessionName name{};
  bool resumed = false;  // known from its tokens alone: it began before a restart
  milliseconds grace{};  // zero: a lost leg is an end
  std::function<void(bool held)> on_held = {};
  std::function<void()> on_over = {};  // as soon as it ends, while the last words are still being said
};

// Two legs that have been paired, until both are gone: one pump each way, with back-pressure by not reading. A
// resumable one outlives its legs for as long as the grace says, and takes others in their places.
// Owned by one shard; every method runs on that shard's thread. Destroy it after run() has returned.
class Session {
 public:
  Session(ShardContext& shard, SessionId id, Protocol protocol, std::unique_ptr<Leg> first, std::unique_ptr<Leg> second,
          std::optional<Meeting> meeting = std::nullopt);

  // Carries messages until a leg ends for good, the idle deadline passes or end() is called; then gives the other, or
  // both, what is still queued, and closes.
  awaitable<SessionEnd> run();

  // A leg for `place`, whose own is lost or is replaced by this. False, and `leg` untouched: the session is over.
  bool rejoin(relay::Role place, std::unique_ptr<Leg>& leg);

  // Ends it; run() returns when both legs have been given what is queued for them. The first end stays.
  void end(SessionEnd why);
  // Ends it without waiting for anybody.
  void abort(SessionEnd why);
  // The idle deadline may be another now.
  void check_idle();
  // Asks the clients to come back later, elsewhere if there is an elsewhere.
  void go_away(const std::function<milliseconds()>& reconnect_after);

  SessionId id() const { return id_; }
  Protocol protocol() const { return protocol_; }
  const relay::SessionName* name() const { return meeting_ ? &meeting_->name : nullptr; }
  SessionState state() const;
  TimePoint started_at() const { return started_at_; }
  SessionView view() const;

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
  struct Side {
    Leg* leg = nullptr;                // nobody while lost
    std::unique_ptr<Leg> at_end;       // once its pump has ended with the session
    std::unique_ptr<Absence> absence;  // while lost, and to the end
    Event room;                        // the leg may take more, or is gone
  };

  void seat(std::size_t side, Leg& leg);
  awaitable<void> pump(std::size_t side, std::unique_ptr<Leg> leg);
  void carry(std::size_t side, const Message& message);
  void leg_ended(std::size_t side, const Leg& leg, EndReason reason);
  void lose(std::size_t side);
  void count_state();
  Pairing pairing(std::size_t side, bool resumed) const;

  // Constant after construction.
  ShardContext& shard_;
  const SessionId id_;
  const Protocol protocol_;
  const std::unique_ptr<const Meeting> meeting_;
  const WallTime started_;
  const TimePoint started_at_;

  // Owned by the shard.
  std::array<Side, 2> sides_;
  std::vector<Leg*> leaving_;  // lost or replaced, and being told so
  std::optional<SessionEnd> end_;
  SessionState counted_ = SessionState::active;
  TimePoint last_message_at_;
  std::uint64_t resumptions_ = 0;
  Deadline idle_;
  Event over_;
  Gate pumps_;
};

}  // namespace parley

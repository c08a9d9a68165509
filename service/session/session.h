#pragma once

#include <array>
#include <memory>
#include <optional>

#include "base/deadline_wheel.h"
#include "base/gate.h"
#include "session/leg.h"

namespace parley {

// Why a session ended, and whose doing it was.
struct SessionEnd {
  EndReason reason;
  EndedBy by;
};

// Two legs that have been paired, until both are gone: one pump each way, with back-pressure by not reading.
// Owned by one shard; every method runs on that shard's thread. Destroy it after run() has returned.
class Session {
 public:
  Session(ShardContext& shard, SessionId id, Protocol protocol, std::unique_ptr<Leg> first,
          std::unique_ptr<Leg> second);

  // Carries messages until one leg ends, the idle deadline passes or end() is called; then gives the other, or
  // both, what is still queued, and closes.
  awaitable<SessionEnd> run();

  // Ends it; run() returns when both legs have been given what is queued for them. The first end stays.
  void end(SessionEnd why);
  // Ends it without waiting for anybody.
  void abort(SessionEnd why);

  SessionId id() const { return id_; }
  Protocol protocol() const { return protocol_; }
  SessionState state() const { return end_ ? SessionState::closing : SessionState::active; }
  TimePoint started_at() const { return started_at_; }
  SessionView view() const;

 private:
  awaitable<void> pump(Leg& from, Leg& to, EndedBy from_is, EndedBy to_is);

  // Constant after construction.
  ShardContext& shard_;
  const SessionId id_;
  const Protocol protocol_;
  const WallTime started_;
  const TimePoint started_at_;
  const std::array<std::unique_ptr<Leg>, 2> legs_;

  // Owned by the shard.
  std::optional<SessionEnd> end_;
  TimePoint last_message_at_;
  Deadline idle_;
  Gate gate_;
};

}  // namespace parley

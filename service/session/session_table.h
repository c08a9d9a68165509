#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "service/session/session.h"

namespace parley {

// A shard's sessions, each from its beginning until both its legs are gone: counted, logged, and to be found by id.
// Runs on the shard's thread.
class SessionTable {
 public:
  // `next_id` is shared by all shards.
  SessionTable(ShardContext& shard, std::atomic<std::uint64_t>& next_id) : shard_(shard), next_id_(next_id) {}

  SessionId new_id() { return SessionId{next_id_.fetch_add(1, std::memory_order_relaxed)}; }
  // Has it begin, and keeps it until it is over.
  void start(std::unique_ptr<Session> session);

  // Newest first.
  std::vector<SessionView> list(const SessionQuery& query) const;
  std::optional<SessionView> find(SessionId id) const;

  // False: it is not here, or is ending already.
  bool end(SessionId id, SessionEnd why);
  // `at_once`: without waiting for anybody.
  void end_all(SessionEnd why, bool at_once);
  // The idle deadline may be another now.
  void check_idle();

 private:
  awaitable<void> carry(std::unique_ptr<Session> session);

  ShardContext& shard_;
  std::atomic<std::uint64_t>& next_id_;
  std::map<SessionId, Session*> sessions_;
};

}  // namespace parley

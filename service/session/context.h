#pragma once

#include <functional>
#include <memory>
#include <random>
#include <utility>

#include "service/access/credentials.h"
#include "service/access/network_list.h"
#include "service/loop/asio.h"
#include "service/loop/clock.h"
#include "service/loop/deadline_wheel.h"
#include "service/loop/gate.h"
#include "service/loop/poller.h"
#include "service/loop/turns.h"
#include "service/net/stream.h"
#include "service/rsa/open_queue.h"
#include "service/session/counters.h"
#include "service/session/in_transit.h"
#include "service/session/seal_budget.h"
#include "service/settings/settings.h"
#include "service/view/events.h"

namespace parley {

// What a shard lends to the legs and sessions that it owns. Used on the shard's thread only, but for `io`, to
// which anyone may post.
struct ShardContext {
  ShardContext(asio::io_context& io_context, const Clock& time, InTransit& between_shards, Events& told)
      : io(io_context),
        clock(time),
        in_transit(between_shards),
        events(told),
        poller(io_context),
        turns(io_context),
        wheel(time.now()) {}

  asio::io_context& io;
  const Clock& clock;
  InTransit& in_transit;
  Events& events;
  Poller poller;
  Turns turns;
  DeadlineWheel wheel;
  ShardCounters counters;
  Scratch scratch;
  SealBudget seal_budget;
  std::function<void(rsa::OpenJob&)> submit;        // has a job done, by the workers or here
  std::minstd_rand random{std::random_device{}()};  // spreads moments; nothing secret

  // A reload replaces these; what is under way keeps the deadlines it has.
  Limits limits;
  Deadlines deadlines;
  ClassicSettings classic;
  NetworkList proxies;
  std::shared_ptr<const Credentials> credentials;  // none without relay/1
  bool log_messages = false;

  void adopt(const ServiceSettings& settings) {
    limits = settings.limits;
    deadlines = settings.deadlines;
    classic = settings.classic;
    proxies = NetworkList(settings.proxies);
  }

  TimePoint now() const { return clock.now(); }
  WallTime wall_now() const { return clock.wall_now(); }
  Executor executor() const { return io.get_executor(); }
  void spawn(awaitable<void> work) { gate.spawn(executor(), std::move(work)); }

  // What runs for the shard itself, its sessions and the legs that have none yet. Last, so that it is the first to go.
  Gate gate;
};

// A deadline that is `after` from now, unless it is switched off.
inline void set_deadline(const ShardContext& shard, Deadline& deadline, milliseconds after) {
  if (after.count() > 0) {
    deadline.set(shard.now() + after);
  } else {
    deadline.clear();
  }
}

}  // namespace parley

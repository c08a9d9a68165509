#pragma once

#include <asio/basic_waitable_timer.hpp>
#include <asio/executor_work_guard.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "service/access/admission.h"
#include "service/pairing/classic_pairing.h"
#include "service/pairing/lobby.h"
#include "service/pairing/relay_pairing.h"
#include "service/pairing/rooms.h"
#include "service/rsa/key_pool.h"
#include "service/rsa/workers.h"
#include "service/session/context.h"
#include "service/session/dismissed_legs.h"
#include "service/session/in_transit.h"
#include "service/session/session_table.h"
#include "service/shard/acceptor.h"
#include "service/shard/in_place_opener.h"
#include "service/threads/thread.h"
#include "service/view/view.h"

namespace parley {

// What all shards share. Each is thread-safe.
struct SharedServices {
  Lobby& lobby;
  Rooms& rooms;
  InTransit& in_transit;
  Events& events;
  Admission& admission;
  const rsa::Engine& engine;
  rsa::Workers* workers;  // nullptr: each shard does its own RSA operations
  rsa::KeyPool& key_pool;
  std::atomic<std::uint64_t>& next_id;
};

// One thread with one event loop, that owns its legs and sessions outright.
class Shard {
 public:
  // `credentials`: none without relay/1.
  Shard(const ServiceSettings& settings, std::shared_ptr<const Credentials> credentials, SharedServices shared);
  // join() first.
  ~Shard();

  // Before start(). The listening socket is accepted from once the shard has started.
  void add_listener(Descriptor socket, Protocol protocol);
  void start(const ThreadRole& role);

  // Any thread: posted to the shard.
  // Takes no clients of classic, and sends away who waits.
  void drain_classic(Listeners listeners);
  // Takes no clients of relay/1, sends away who waits, and asks who has a session to come back elsewhere: all that
  // spread over those times.
  void drain_relay(Listeners listeners, milliseconds tell_within, milliseconds return_within);
  // Takes clients again, where the listeners have stayed. Who has been told to go goes.
  void undrain();
  void end_sessions(SessionEnd why, bool at_once);
  void reload(const ServiceSettings& settings);
  void set_credentials(std::shared_ptr<const Credentials> credentials);
  // Ends the loop once nothing of it is running. Sessions must have been ended before; a leg that is being told so, or
  // has none, is waited for no longer: there are no more deadlines from here on.
  void stop();
  void join();

  // Run on the shard's thread.
  SessionTable& sessions() { return sessions_; }
  std::vector<WaitingView> waiting() const;

  // Any thread.
  asio::io_context& io() { return io_; }
  const ShardCounters& counters() const { return context_.counters; }
  const InPlaceOpener& opener() const { return opener_; }
  TimePoint last_tick() const { return TimePoint(TimePoint::duration(last_tick_.load(std::memory_order_relaxed))); }
  // As last measured; while the loop stands still, for how long it has.
  std::chrono::nanoseconds loop_lag() const;

 private:
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  void run();
  awaitable<void> run_wheel();
  awaitable<void> heartbeat();
  void give_back_memory();

  SystemClock clock_;
  asio::io_context io_;
  asio::executor_work_guard<Executor> work_;
  std::thread thread_;

  // Owned by the shard's thread.
  ShardContext context_;
  InPlaceOpener opener_;
  SessionTable sessions_;
  DismissedLegs dismissed_;
  ClassicPairing classic_;
  RelayPairing relay_;
  Acceptor acceptor_;
  bool stopping_ = false;
  Timer wheel_timer_;
  Timer heartbeat_timer_;
  std::size_t most_coroutines_ = 0;  // since memory was last given back

  // Read by anyone.
  std::atomic<TimePoint::rep> last_tick_{0};
  std::atomic<std::int64_t> lag_{0};
};

}  // namespace parley

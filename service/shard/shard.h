#pragma once

#include <asio/basic_waitable_timer.hpp>
#include <asio/executor_work_guard.hpp>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "service/access/admission.h"
#include "service/loop/gate.h"
#include "service/net/listener.h"
#include "service/net/proxy_reader.h"
#include "service/pairing/lobby.h"
#include "service/pairing/rooms.h"
#include "service/rsa/key_pool.h"
#include "service/rsa/workers.h"
#include "service/session/context.h"
#include "service/session/relay_leg.h"
#include "service/session/session.h"
#include "service/shard/in_place_opener.h"
#include "service/view/view.h"

namespace parley {

// What all shards share. Each is thread-safe.
struct SharedServices {
  Lobby& lobby;
  Rooms& rooms;
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

  // Any thread. The listening socket is accepted from once the shard has started.
  void add_listener(Descriptor socket, Protocol protocol);
  void start();

  // Any thread: posted to the shard.
  void stop_accepting();  // closes the listeners, ends who waits
  void end_sessions(SessionEnd why, bool at_once);
  void reload(const ServiceSettings& settings);
  void set_credentials(std::shared_ptr<const Credentials> credentials);
  // Asks all clients of relay/1 to come back elsewhere, spread over that time.
  void go_away(milliseconds within);
  // A leg from another shard, to meet the one that waits here.
  void meet(LegId waiting, std::unique_ptr<DetachedLeg> arrival, Protocol protocol);
  // The same for relay/1, or to take a place in a session that is here.
  void enter(const Rooms::Answer& answer, std::unique_ptr<DetachedLeg> arrival);
  // A leg that waits here has been replaced.
  void replace_waiting(LegId waiting);
  // Ends the loop once nothing of it is running. Sessions must have been ended before; a leg that is being told so, or
  // has none, is waited for no longer: there are no more deadlines from here on.
  void stop();
  void join();

  // Runs on the shard's thread, for views.
  std::vector<SessionView> sessions(const SessionQuery& query) const;
  std::optional<SessionView> session(SessionId id) const;
  std::vector<WaitingView> waiting() const;
  // Runs on the shard's thread too. False: it is not here, or is ending already.
  bool end_session(SessionId id, SessionEnd why);

  // Any thread.
  asio::io_context& io() { return io_; }
  const ShardCounters& counters() const { return context_.counters; }
  const InPlaceOpener& opener() const { return opener_; }
  TimePoint last_tick() const { return TimePoint(TimePoint::duration(last_tick_.load(std::memory_order_relaxed))); }
  std::chrono::nanoseconds loop_lag() const { return std::chrono::nanoseconds(lag_.load(std::memory_order_relaxed)); }

 private:
  struct KeyWait;
  struct Waiting {
    Leg* leg;
    Protocol protocol;
    TimePoint since;
    std::unique_ptr<Leg> partner;  // once it has come
    Rooms::Answer place{};         // relay/1: what the lobby has said, of the partner once it has come
  };
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  void run();
  awaitable<void> run_wheel();
  awaitable<void> heartbeat();
  void give_back_memory();

  void accept(Protocol protocol, Descriptor socket, const sockaddr_storage& peer);
  void refuse(Protocol protocol, const sockaddr_storage& client, Refusal reason, std::string_view detail = {});
  // A connection that has its place; `client` is who it comes from, whoever has passed it on.
  awaitable<void> serve(Protocol protocol, Descriptor socket, const sockaddr_storage& client, std::string key,
                        TimePoint connected_at, Admission::Place place);
  // One that a proxy passes on, until it is known for whom.
  awaitable<void> serve_proxied(Protocol protocol, Descriptor socket, sockaddr_storage peer, Admission::Place place);
  awaitable<tl::expected<ProxyHeader, std::string_view>> read_proxy_header(const Descriptor& socket);
  awaitable<void> serve_classic(Descriptor socket, LegInfo info, Admission::Place place);
  awaitable<void> serve_relay(Descriptor socket, LegInfo info, Admission::Place place);
  // The handshake, for either. nullptr: the leg has ended.
  awaitable<std::unique_ptr<Leg>> greet(std::unique_ptr<Leg> leg, Protocol protocol);
  // nullptr: none came within the handshake deadline, or the relay is draining.
  awaitable<rsa::KeyPtr> take_key(const LegInfo& info);
  void seek_partner(std::unique_ptr<Leg> leg, Protocol protocol);
  awaitable<void> wait_in_lobby(std::unique_ptr<Leg> leg, Protocol protocol);
  // False: the one who waited has gone; `arrival` is untouched.
  bool meet_here(LegId waiting, std::unique_ptr<Leg>& arrival);
  // Finds the leg's place in its room.
  void enter_room(std::unique_ptr<Leg> leg);
  void take_place(const Rooms::Answer& answer, std::unique_ptr<Leg> leg);
  awaitable<void> wait_in_room(std::unique_ptr<Leg> leg);
  awaitable<void> carry(std::unique_ptr<Session> session);
  void note_wait(Protocol protocol, TimePoint since);
  // The end of a leg that never had a session.
  awaitable<void> dismiss(std::unique_ptr<Leg> leg, Protocol protocol, EndReason reason);
  std::uint64_t new_id() { return shared_.next_id.fetch_add(1, std::memory_order_relaxed); }

  // Constant after construction.
  SharedServices shared_;
  SteadyClock clock_;

  asio::io_context io_;
  asio::executor_work_guard<Executor> work_;
  std::thread thread_;

  // Owned by the shard.
  ShardContext context_;
  InPlaceOpener opener_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unordered_set<ProxyReader*> proxy_readers_;
  std::unordered_set<KeyWait*> key_waits_;
  std::unordered_set<Leg*> handshaking_;
  std::unordered_set<Leg*> dismissed_;  // being told why
  std::unordered_map<std::uint64_t, Waiting> waiting_;
  std::map<SessionId, Session*> sessions_;
  std::map<relay::SessionName, Session*> sessions_by_name_;
  bool draining_ = false;
  bool stopping_ = false;
  Timer wheel_timer_;
  Timer heartbeat_timer_;
  Gate gate_;
  std::size_t most_coroutines_ = 0;  // since memory was last given back

  // Read by anyone.
  std::atomic<TimePoint::rep> last_tick_{0};
  std::atomic<std::int64_t> lag_{0};
};

}  // namespace parley

#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <vector>

#include "parleyd/listening_sockets.h"
#include "parleyd/passed_listeners.h"
#include "service/access/admission.h"
#include "service/pairing/lobby.h"
#include "service/pairing/rooms.h"
#include "service/rsa/engine.h"
#include "service/rsa/key_pool.h"
#include "service/rsa/workers.h"
#include "service/session/in_transit.h"
#include "service/shard/shard.h"
#include "service/view/view.h"

namespace parley {

// How many shards it has: as many as there are cores unless that is set.
unsigned shards_of(const ServiceSettings& settings);

// The relay: shards, workers, key pool and lobby, put together. Any thread may call its methods, one at a time
// for those that change its state.
class Relay final : public Registry, public Health {
 public:
  // Opens the engine and binds the listeners, but of a protocol that has passed ones uses those. Throws
  // std::runtime_error with one line that says what cannot be had and how to mend it.
  explicit Relay(const ServiceSettings& settings, const PassedListeners& passed = {});
  // stop()s when that has not been done.
  ~Relay() override;

  void start();

  // The steps of a drain, in this order; those of a shutdown end with stop(). Each returns at once, but for that.
  void begin_drain(const DrainView& drain);  // not ready any more, still accepting
  // Nobody is taken any more, and who waits is sent away.
  void drain_classic(Listeners listeners);
  // The same, and who has a session is asked to come back elsewhere.
  void drain_relay(Listeners listeners, milliseconds tell_within);
  // Takes clients again, where the listeners have stayed; ready.
  void undrain();
  // What drain_relay() is to spread that over, but for who has a session, given how many there are now, and how long
  // the drain is to take.
  milliseconds time_to_tell(std::optional<milliseconds> drain) const;
  bool drained() const;                   // nobody is connected any more
  bool drained(Protocol protocol) const;  // none of these
  void end_sessions(EndReason reason, bool at_once);
  void stop();  // ends the threads

  // Reads the files of relay/1 again: certificate, authorities, access list, token keys. Returns the options whose
  // files hold something else than before. The error says which one is at fault; then what is running stays.
  tl::expected<std::vector<std::string>, std::string> reload_credentials(const RelaySettings& relay);
  // Takes over limits, deadlines and what else a reload may change; what is under way keeps what it has.
  void reload(ServiceSettings settings);
  void count_failed_reload();
  std::size_t rotate_keys() { return key_pool_->rotate(); }
  Answered<bool> end_session(SessionId id);

  const rsa::Engine& engine() const { return *engine_; }

  // Registry
  ServiceState state() const override { return state_.load(); }
  WallTime started() const override { return started_; }
  std::chrono::duration<double> uptime() const override;
  std::size_t max_connections() const override;
  Limits limits() const override;
  Deadlines deadlines() const override;
  std::vector<Endpoint> classic_listeners() const override { return classic_listeners_; }
  std::vector<Endpoint> relay_listeners() const override { return relay_listeners_; }
  std::optional<CertificateView> certificate() const override;
  std::optional<DrainView> drain() const override;
  Counts counts() const override;
  Answered<std::vector<SessionView>> sessions(const SessionQuery& query) const override;
  Answered<std::optional<SessionView>> session(SessionId id) const override;
  Answered<std::vector<WaitingView>> lobby() const override;
  Events& events() const override { return events_; }

  // Health
  std::vector<Check> liveness() const override;
  std::vector<Check> readiness() const override;

 private:
  milliseconds time_to_return() const;
  Check connections_check() const;
  Check key_pool_check() const;
  // Keeps them for the shards.
  std::vector<Endpoint> listen(std::vector<ListeningSockets> listeners, Protocol protocol);
  // What each shard answers, within a second in all; complete: each of them has.
  template <class Answer>
  Answered<std::vector<Answer>> ask(const std::function<Answer(Shard&)>& question) const;

  const WallTime started_;
  const TimePoint started_at_;
  std::atomic<ServiceState> state_{ServiceState::starting};
  std::atomic<std::uint64_t> next_id_;
  std::array<Counter, 2> reloads_;
  std::atomic<bool> last_reload_ok_{true};
  std::atomic<WallTime> last_good_reload_;

  mutable std::mutex reload_mutex_;  // over what a reload replaces
  Limits limits_;                    // guarded by reload_mutex_
  Deadlines deadlines_;              // guarded by reload_mutex_
  std::optional<DrainView> drain_;   // guarded by reload_mutex_

  // In the order of their use: what comes later is destroyed first.
  std::unique_ptr<rsa::Engine> engine_;
  std::shared_ptr<const Credentials> credentials_;  // guarded by reload_mutex_ once started
  Lobby lobby_;
  Rooms rooms_;
  InTransit in_transit_;
  mutable Events events_;
  Admission admission_;
  std::vector<Endpoint> classic_listeners_;
  std::vector<Endpoint> relay_listeners_;
  struct Listening {
    Descriptor socket;
    Protocol protocol;
  };
  std::vector<Listening> sockets_;  // until the shards have them
  std::unique_ptr<rsa::Workers> workers_;
  std::unique_ptr<rsa::KeyPool> key_pool_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

// Its limits, with the connection limit fitted to the process's descriptor limit, which is raised as far as it goes:
// what the listeners, the admin endpoint and the logs need is kept back. The log says so when that lowers it.
Limits fit_to_descriptors(const ServiceSettings& settings);

}  // namespace parley

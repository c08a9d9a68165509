#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/settings/settings.h"
#include "service/view/end_reason.h"
#include "service/view/events.h"
#include "service/view/histogram.h"
#include "service/view/ids.h"

// What the admin API sees of the service: values, and the interfaces that yield them. Every method may be
// called from any thread. Nothing in here holds message text.

namespace parley {

using WallTime = std::chrono::system_clock::time_point;
// "2026-01-31T23:59:59.123Z"
std::string rfc3339(WallTime time);

struct LegView {
  LegId id;
  std::string address;  // "192.0.2.1:50000", "[2001:db8::1]:50000"
  WallTime connected;
  std::uint64_t messages_in = 0, messages_out = 0;      // in: from the client
  std::uint64_t bytes_in = 0, bytes_out = 0;            // on the wire
  std::size_t buffered_bytes = 0;                       // held for this client, not yet sent
  unsigned rsa_bits = 0;                                // the client's key; 0 with relay/1
  std::string client = {};                              // what it says that it is; empty with classic
  bool lost = false;                                    // its connection is gone, and its place kept
  std::optional<std::chrono::microseconds> round_trip;  // the kernel's estimate
};

// active: both legs there; held: one or both are lost and may come back (relay/1); closing: one has left, the other is
// given what is still queued for it.
enum class SessionState : std::uint8_t { active, held, closing };
constexpr std::size_t kSessionStates = 3;
std::string_view label(SessionState state);

struct SessionView {
  SessionId id;
  Protocol protocol = Protocol::classic;
  SessionState state = SessionState::active;
  WallTime started;
  std::chrono::milliseconds idle{0};  // since the last message
  std::string name = {};              // what relay/1's clients know it by; empty with classic
  std::uint64_t resumptions = 0;
  std::array<LegView, 2> legs;  // first, second
};

struct WaitingView {
  LegView leg;
  Protocol protocol = Protocol::classic;
  bool in_transit = false;  // on its way to the shard of who waits for it
};

struct SessionQuery {
  std::optional<Protocol> protocol = {};
  std::optional<SessionState> state = {};
  std::optional<SessionId> before = {};  // cursor: only sessions with a smaller id
  std::size_t limit = 100;               // at most 1,000
};

// Counts of one protocol since start, and what is there now.
struct ProtocolCounts {
  std::uint64_t connections_total = 0;
  std::uint64_t connections = 0;
  std::uint64_t lobby_legs = 0;
  std::uint64_t sessions_total = 0;
  std::array<std::uint64_t, kSessionStates> sessions{};
  std::array<std::uint64_t, kRefusals> refused_total{};
  // Ends of sessions, and ends of legs that never had one, each by reason.
  std::array<std::uint64_t, kEndReasons> session_ends_total{};
  std::array<std::uint64_t, kEndReasons> leg_ends_total{};
  std::uint64_t messages_total = 0;
  std::uint64_t bytes_in_total = 0;
  std::uint64_t bytes_out_total = 0;
  std::uint64_t resumptions_total = 0;
  std::uint64_t dropped_bytes_total = 0;  // partial blocks, and what nobody was left to take
  HistogramSnapshot handshake_seconds;
  HistogramSnapshot pairing_wait_seconds;
  HistogramSnapshot session_seconds;
  HistogramSnapshot relay_seconds;
};

struct KeyPoolView {
  ClassicKeys keys = ClassicKeys::per_connection;
  std::size_t ready = 0;
  std::size_t capacity = 0;
  std::size_t waiting = 0;                        // connections that wait for a key
  std::optional<std::chrono::seconds> empty_for;  // how long it has been empty, when it is
  HistogramSnapshot wait_seconds;
};

struct WorkersView {
  std::string engine;         // "openssl" or "crypto_mb"
  std::string engine_detail;  // version, or why crypto_mb is not in use
  std::size_t threads = 0;
  std::size_t queued = 0;
  HistogramSnapshot open_seconds;          // one per batch
  HistogramSnapshot generate_key_seconds;  // one per key
  std::uint64_t operations_total = 0;      // private-key operations
  std::uint64_t batches_total = 0;
};

struct Counts {
  std::array<ProtocolCounts, kProtocols> protocols;
  std::uint64_t buffered_bytes = 0;
  std::vector<std::chrono::duration<double>> shard_loop_lag;  // by shard, the last measured
  KeyPoolView key_pool;
  WorkersView workers;
  std::array<std::uint64_t, 2> reloads_total{};  // ok, failed
  bool last_reload_ok = true;                    // the start counts as one
  WallTime last_good_reload;
};

// What relay/1 shows.
struct CertificateView {
  std::string pin;                  // of its key, which a renewal may keep
  std::string fingerprint;          // of the certificate: SHA-256, lower-case hexadecimal
  std::optional<WallTime> expires;  // nullopt: made by --self-signed, and known by its pin
  // The issuer that public clients could not find, if there is one.
  std::optional<std::string> missing_issuer = {};
};

// A drain that is under way.
struct DrainView {
  WallTime since;
  std::optional<WallTime> deadline;  // nullopt: for as long as clients stay
  bool for_good = false;             // the process ends with it
};

enum class ServiceState : std::uint8_t { starting, ready, draining, stopped };
std::string_view label(ServiceState state);

// What the shards have answered. `complete`: each of them has, within a second; else what it would have said is
// missing.
template <class Value>
struct Answered {
  Value value;
  bool complete = true;
};

// Read-only.
class Registry {
 public:
  virtual ~Registry() = default;
  virtual ServiceState state() const = 0;
  virtual WallTime started() const = 0;
  // Since then, by a clock that nobody sets.
  virtual std::chrono::duration<double> uptime() const = 0;
  virtual std::size_t max_connections() const = 0;  // the effective limit, 0: none
  virtual Limits limits() const = 0;
  virtual Deadlines deadlines() const = 0;
  virtual std::vector<Endpoint> classic_listeners() const = 0;  // as really bound
  virtual std::vector<Endpoint> relay_listeners() const = 0;
  virtual std::optional<CertificateView> certificate() const = 0;  // nullopt without relay/1
  virtual std::optional<DrainView> drain() const = 0;              // nullopt: it is not draining
  // Sums plain per-shard counters; delays no shard.
  virtual Counts counts() const = 0;
  // These ask the shards and wait for their answers, at most a second. Newest first.
  virtual Answered<std::vector<SessionView>> sessions(const SessionQuery& query) const = 0;
  virtual Answered<std::optional<SessionView>> session(SessionId id) const = 0;
  virtual Answered<std::vector<WaitingView>> lobby() const = 0;
  // For who watches what happens.
  virtual Events& events() const = 0;
};

class Health {
 public:
  virtual ~Health() = default;
  // One check of liveness or readiness. `detail` says what is wrong, or what was found.
  struct Check {
    std::string name;
    bool ok = true;
    std::string detail;
    bool decides = true;  // else it is worth a word, and no reason to take the relay out of service

    bool failed() const { return !ok && decides; }
  };
  // Alive while every shard's loop answered a tick within 5 s.
  virtual std::vector<Check> liveness() const = 0;
  // Ready while not starting, not draining, listening, and with shards that answer as for liveness. What runs short
  // does not decide: it may be one protocol's alone, and who has a place to come back to needs no more of it.
  virtual std::vector<Check> readiness() const = 0;
};

}  // namespace parley

#pragma once

#include <poll.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "cli-client/net/connect.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/outer_tls.h"
#include "cli-client/net/resolver.h"

namespace parley::client {

// One connection to a relay, from its name on: addresses, TCP, TLS and the check that it is the right one. Nothing
// blocks: advance() is called when wanted() or deadline() says so.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;
  enum class State { resolving, connecting, handshaking, open, ended };

  // Both are kept by reference. `timeout` is for all until State::open.
  Connection(const Endpoint& relay, const Trust& trust, std::chrono::milliseconds timeout, TimePoint now);

  State state() const { return state_; }
  // Whether it has been open; it may have ended since.
  bool was_open() const { return tls_ && tls_->open(); }
  // Why it ended. Only in State::ended; what has been received may still be taken.
  const ConnectionFault& fault() const { return fault_; }

  pollfd wanted() const;
  std::optional<TimePoint> deadline() const;
  void advance(short events, TimePoint now);

  // What has come and was not taken yet.
  Bytes& received() { return received_; }
  // When something last came, be it part of the handshake.
  TimePoint last_heard() const { return last_heard_; }

  // Goes out as far as the socket takes it, the rest with advance().
  void send(ByteView bytes);
  std::size_t unsent() const;
  // Nothing more will be sent: says so when all is out.
  void finish();

  // The relay's, once was_open().
  const Pin& pin() const { return tls_->pin(); }
  std::string address() const;
  // When which step was done, for reports.
  struct Times {
    TimePoint begun, resolved, connected, open;
  };
  const Times& times() const { return times_; }

 private:
  void try_next_address(TimePoint now);
  void on_connected(TimePoint now);
  void receive(TimePoint now);
  void flush();
  void fail(ConnectionFault::Kind kind, std::string text);

  const Endpoint& relay_;
  const Trust& trust_;
  const std::chrono::milliseconds timeout_;
  State state_ = State::resolving;
  ConnectionFault fault_{ConnectionFault::Kind::unreachable, {}, {}};
  Times times_;
  TimePoint deadline_;          // for State::open
  TimePoint address_deadline_;  // for the address that is tried now

  std::optional<Resolver> resolver_;
  std::vector<Address> addresses_;
  std::size_t next_address_ = 0;
  std::vector<ConnectFailure> failures_;
  Descriptor socket_;
  std::unique_ptr<OuterTls> tls_;
  Bytes received_;
  Bytes outbound_;  // encrypted
  std::size_t outbound_sent_ = 0;
  bool finishing_ = false;
  TimePoint last_heard_;
};

}  // namespace parley::client

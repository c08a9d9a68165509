#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "cli-client/base/clock.h"
#include "cli-client/net/connection_fault.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/trust.h"

namespace parley::client {

// How a relay was reached.
struct Reached {
  Pin pin{};            // its own; it is the right one
  std::string address;  // in numbers
  TimePoint begun, resolved, connected, open;
  Trust::By trusted_by = Trust::By::pin;
  // nullopt: what it says is no time. No time point, as years up to 9999 are more than its nanoseconds hold.
  std::optional<std::time_t> certificate_expires = {};
};

// One connection to a relay, from its name on: bytes that only the right relay gets, and only it can have sent. Nothing
// blocks: advance() is called when wanted() or deadline() says so. TlsConnection is the real one; what uses it is
// tested over one in memory.
class Connection {
 public:
  enum class State { opening, open, ended };

  virtual ~Connection() = default;

  virtual State state() const = 0;
  // Set from State::open on, also when it has ended since.
  virtual const std::optional<Reached>& reached() const = 0;
  // Why it ended. Only in State::ended; what has been received may still be taken.
  virtual const ConnectionFault& fault() const = 0;

  virtual pollfd wanted() const = 0;
  virtual std::optional<TimePoint> deadline() const = 0;
  // `events` are those that poll(2) has for wanted() at this time.
  virtual void advance(short events, TimePoint now) = 0;

  // What has come and was not taken yet.
  virtual Bytes& received() = 0;
  // When something last came, be it part of the handshake.
  virtual TimePoint last_heard() const = 0;

  // Only in State::open. Goes out as far as the other end takes it, the rest with advance().
  virtual void send(ByteView bytes) = 0;
  virtual std::size_t unsent() const = 0;
  // That, and what this system has taken to send and the other end has not got yet.
  virtual std::size_t undelivered() const = 0;
  // Nothing more will be sent: says so when all is out.
  virtual void finish() = 0;
};

// Begins a connection to a relay, which has `timeout` to come to State::open.
using Dial =
    std::function<std::unique_ptr<Connection>(const Endpoint& relay, std::chrono::milliseconds timeout, TimePoint now)>;

}  // namespace parley::client

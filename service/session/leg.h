#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "service/loop/asio.h"
#include "service/loop/clock.h"
#include "service/loop/event.h"
#include "service/session/context.h"
#include "service/view/end_reason.h"
#include "service/view/view.h"

namespace parley {

// What is known of a connection from the start.
struct LegInfo {
  LegId id;
  std::string address;      // with the port, for people
  std::string address_key;  // what limits count by: the IPv4 address, or the IPv6 /64
  WallTime connected;
  TimePoint connected_at;
};

// A message as it was received, or several that came at once: in classic one RSA block's plaintext, in relay/1 whole
// DATA frames, one behind the other. `bytes` are valid until the coroutine that has received it waits for something.
struct Message {
  std::span<const std::byte> bytes;
  TimePoint read_at;  // when its last byte came
  std::size_t count = 1;
};

// One client's connection, from accept to close: protocol-specific below, plain messages above. What only one protocol
// can say is said by its own kind of leg. Owned by one shard; every method runs on that shard's thread. A leg may be
// destroyed once nothing of it is running: after wait_closed().
class Leg {
 public:
  // Who waits is asked for a sign of life when its partner comes, and has this long for it: its connection may have
  // gone without a word, or its client be back on another already.
  static constexpr milliseconds kSignOfLifeWithin{5000};

  virtual ~Leg() = default;

  virtual Protocol protocol() const = 0;
  virtual const LegInfo& info() const = 0;
  virtual LegView view() const = 0;

  // Exchanges what the protocol asks for before the first message, until the handshake deadline.
  // nullopt: done; else why the leg has ended.
  virtual awaitable<std::optional<EndReason>> handshake() = 0;

  // Watches whether the client leaves, and holds what it sends already, where the protocol lets it. Returns after
  // partner_came(), once the client has proven that it is still there where the protocol can ask it, or with why the
  // leg has ended.
  virtual awaitable<std::optional<EndReason>> wait_for_partner() = 0;
  virtual void partner_came() = 0;

  // The leg is in a session from now on: `room` is notified whenever full() may have changed, or the leg has ended.
  virtual void join(Event& room) = 0;
  // The next message, or why there will be none.
  virtual awaitable<tl::expected<Message, EndReason>> receive() = 0;
  // Takes a message, full() or not, and sends it as soon as it can.
  virtual void send(const Message& message) = 0;
  // As much is held for the client as may be: send() is to wait.
  virtual bool full() const = 0;
  // Why the leg has ended, once it has.
  virtual std::optional<EndReason> end() const = 0;
  // receive() returns without a further message.
  virtual void stop_receiving() = 0;

  // Gives the client what is still queued, then an orderly close.
  virtual awaitable<void> finish() = 0;
  // Ends a leg that has no session, telling the client why where the protocol can.
  virtual awaitable<void> dismiss(EndReason reason) = 0;
  // Makes handshake() or wait_for_partner() return `reason`; dismiss() is to follow.
  virtual void send_away(EndReason reason) = 0;
  // Ends the leg at once: everything that waits returns `reason`. The first reason stays.
  virtual void abort(EndReason reason) = 0;
  // Returns when nothing of the leg is running any more. The connection is closed then.
  virtual awaitable<void> wait_closed() = 0;

  // Calls `each` with the text of every message in what receive() gave.
  virtual void for_each(const Message& message, const std::function<void(std::span<const std::byte>)>& each) const = 0;
};

}  // namespace parley

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "base/asio.h"
#include "base/clock.h"
#include "base/end_reason.h"
#include "shard/context.h"
#include "view.h"

namespace parley {

// What is known of a connection from the start.
struct LegInfo {
  LegId id;
  std::string address;      // with the port, for people
  std::string address_key;  // what limits count by: the IPv4 address, or the IPv6 /64
  WallTime connected;
  TimePoint connected_at;
};

// A message as it was received. `bytes` are valid until the leg's next receive().
struct Message {
  std::span<const std::byte> bytes;
  TimePoint read_at;  // when its last byte came
};

class DetachedLeg;

// One client's connection, from accept to close: protocol-specific below, plain messages above. Owned by one
// shard; every method runs on that shard's thread. A leg may be destroyed once nothing of it is running: after
// wait_closed().
class Leg {
 public:
  virtual ~Leg() = default;

  virtual const LegInfo& info() const = 0;
  virtual LegView view() const = 0;

  // Exchanges what the protocol asks for before the first message, until the handshake deadline.
  // nullopt: done; else why the leg has ended.
  virtual awaitable<std::optional<EndReason>> handshake() = 0;

  // Holds what the client sends already, up to the buffer limit, and watches whether it leaves. Returns after
  // partner_came(), or with why the leg has ended.
  virtual awaitable<std::optional<EndReason>> wait_for_partner() = 0;
  virtual void partner_came() = 0;
  // Has the client left, whether or not wait_for_partner() has noticed?
  virtual bool peer_gone() = 0;

  // The next message, or why there will be none.
  virtual awaitable<tl::expected<Message, EndReason>> receive() = 0;
  // Queues a message and returns when the queue is within the buffer limit. nullopt, or why the leg has ended.
  virtual awaitable<std::optional<EndReason>> send(const Message& message) = 0;
  // receive() returns without a further message.
  virtual void stop_receiving() = 0;

  // Gives the client what is still queued, then an orderly close.
  virtual awaitable<void> finish() = 0;
  // Ends the leg at once: everything that waits returns `reason`. The first reason stays.
  virtual void abort(EndReason reason) = 0;
  // Returns when nothing of the leg is running any more. The connection is closed then.
  virtual awaitable<void> wait_closed() = 0;

  // Takes the leg off this shard, for another. Only between handshake() and the session.
  virtual std::unique_ptr<DetachedLeg> detach() = 0;
};

// A leg on its way from one shard to another.
class DetachedLeg {
 public:
  virtual ~DetachedLeg() = default;
  virtual std::unique_ptr<Leg> attach(ShardContext& shard) = 0;
};

}  // namespace parley

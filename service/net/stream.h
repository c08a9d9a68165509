#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "service/loop/asio.h"
#include "service/loop/turns.h"

namespace parley {

class Poller;

enum class IoStatus { ok, would_block, closed, failed };

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;
  bool more = false;  // of a read: another may well yield something at once
};

// Memory that a shard lends to its streams and legs for one step: what is in it is forgotten at the next wait.
// Nobody holds buffers of their own while idle.
struct Scratch {
  static constexpr std::size_t kBytes = std::size_t{80} * 1024;
  std::vector<std::byte> received = std::vector<std::byte>(kBytes);  // as it came from the network
  std::vector<std::byte> read = std::vector<std::byte>(kBytes);      // what a leg has read
  std::vector<std::byte> to_send = std::vector<std::byte>(kBytes);
};

// A connected byte stream that never blocks: try, and wait when it would have. Waiting needs no buffer, so an
// idle connection holds none. Owned by one shard.
class Stream {
 public:
  enum class Ready { read, write };

  virtual ~Stream() = default;

  // What the stream needs before the first byte: ok, closed or failed.
  virtual awaitable<IoStatus> handshake() { co_return IoStatus::ok; }
  // After a handshake that failed: until the peer has ended its side, or close(). Closing with something unread would
  // reset the connection, and could destroy what tells the peer why.
  virtual awaitable<void> drop_input() { co_return; }

  // closed: the peer has ended its side. failed: the connection is broken.
  virtual IoResult read_some(std::span<std::byte> into) = 0;
  // Takes nothing while something is unsent() and cannot be sent; with nothing in `from`, it only sends that.
  virtual IoResult write_some(std::span<const std::byte> from) = 0;
  // Bytes that write_some() has taken and holds, until it is called again.
  virtual std::size_t unsent() const { return 0; }

  // Returns when an attempt is worth while, or after cancel(). At most one wait for each kind at a time.
  virtual awaitable<void> wait(Ready what) = 0;
  // Makes present waits return.
  virtual void cancel() = 0;

  // Has the peer ended its side or the connection broken, whatever is still unread?
  virtual bool peer_gone() = 0;

  virtual void shutdown_send() = 0;
  virtual void close() = 0;
  // As close(), but so that the peer learns that something was lost: a TCP reset.
  virtual void reset() = 0;

  // Off this shard; nothing may be waiting. Then enter(), on the other's thread, before anything else.
  virtual void leave() = 0;
  virtual void enter(Poller& poller, Scratch& scratch) = 0;
  // Any thread, between leave() and enter(): ends both directions, for the peer too. Whoever enters finds it closed.
  virtual void cut() = 0;

  // How long ago the peer's kernel last gave a sign of life, where ours can tell. While it is being asked for one (and
  // that is its only effect) an answer comes about a second after the last sign, or at once if that is longer ago.
  virtual std::optional<std::chrono::milliseconds> silent_for() const { return std::nullopt; }
  virtual void ask_for_life(bool) {}

  // The kernel's estimate, where there is one.
  virtual std::optional<std::chrono::microseconds> round_trip() const = 0;
};

// Reads and forgets until the peer, of that address, has ended its side, or close(); `into` is the shard's.
inline awaitable<void> discard_input(Stream& stream, std::span<std::byte> into, Turns& turns,
                                     const std::string& address) {
  for (;;) {
    const IoResult result = stream.read_some(into);
    if (result.status != IoStatus::ok && result.status != IoStatus::would_block) co_return;
    if (result.more) {
      co_await turns.wait(address);
    } else {
      co_await stream.wait(Stream::Ready::read);
    }
  }
}

}  // namespace parley

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "base/asio.h"

namespace parley {

enum class IoStatus { ok, would_block, closed, failed };

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;
};

// A connected byte stream that never blocks: try, and wait when it would have. Waiting needs no buffer, so an
// idle connection holds none. Owned by one shard.
class Stream {
 public:
  enum class Ready { read, write };

  virtual ~Stream() = default;

  // closed: the peer has ended its side. failed: the connection is broken.
  virtual IoResult read_some(std::span<std::byte> into) = 0;
  virtual IoResult write_some(std::span<const std::byte> from) = 0;

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

  // The kernel's estimate, where there is one.
  virtual std::optional<std::chrono::microseconds> round_trip() const = 0;
};

}  // namespace parley

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "service/loop/deadline_wheel.h"
#include "service/loop/event.h"
#include "service/loop/gate.h"
#include "service/net/stream.h"
#include "service/session/context.h"
#include "service/session/send_queue.h"
#include "service/view/end_reason.h"

namespace parley {

class Pacer;

// Gives one client its bytes: at once as many as its stream takes, the rest as it takes more. A client that takes
// nothing for as long as the write deadline says is given up. Owned by a leg and, as that, by one shard.
class LegWriter {
 public:
  // In what the legs of the two protocols differ.
  struct Manner {
    Protocol protocol;
    EndReason when_broken;  // the end of a leg whose connection breaks
    bool hold_to_limit;     // full above the buffer limit (none: never); else as soon as anything is held
  };
  // Told once, when the writer has ended by itself: the connection is broken, or the client too slow.
  using GiveUp = std::function<void(EndReason)>;

  // All must outlive the writer. `woken`: notified when what is held has become less, and at the end. `bytes_out`: is
  // added to. `pacer`: says how much may go out, if there is one.
  LegWriter(ShardContext& shard, Manner manner, Stream& stream, Event& woken, std::uint64_t& bytes_out, GiveUp give_up,
            Pacer* pacer = nullptr);
  LegWriter(const LegWriter&) = delete;
  LegWriter& operator=(const LegWriter&) = delete;

  // Sends `messages`, of which the last byte was read at `read_at`; none of them: it is the relay's own.
  void send(std::span<const std::byte> bytes, TimePoint read_at, std::size_t messages);

  // Or in steps: room for what is made in place, where messages end in it, and its sending.
  std::span<std::byte> extend(std::size_t bytes) { return queue_.extend(bytes); }
  void end_message(TimePoint read_at) { queue_.end_messages(read_at); }
  // Sends what may go out now, and sees to it that the rest follows.
  void flush();

  // The leg is in a session: `room` is notified as `woken` is.
  void join(Event& room) { room_ = &room; }

  // Bytes that the stream has not sent; queued() of them it has not even taken.
  std::size_t held() const { return queue_.size() + stream_.unsent(); }
  std::size_t queued() const { return queue_.size(); }
  // As much is held as may be.
  bool full() const { return held() > most_held(); }
  // How often everything has gone out of what had to be held.
  std::uint32_t times_emptied() const { return times_emptied_; }

  // Returns once nothing is held, or after end().
  awaitable<void> wait_sent();
  // Returns once nothing of the writer is running, for now.
  awaitable<void> wait_idle() { return gate_.wait_empty(); }
  bool idle() const { return gate_.inside() == 0; }

  // Sends nothing more, and drops what is queued. The stream is the leg's to close.
  void end();
  // After end(): returns once nothing of the writer is running, nor ever will be.
  awaitable<void> close() { return gate_.close(); }

 private:
  std::size_t most_held() const;
  ProtocolCounters& counters() const { return shard_.counters.of(manner_.protocol); }
  // One attempt; how much was taken. Afterwards blocked_ says whether another is worth while now, ended_ whether ever.
  std::size_t write(std::span<const std::byte> bytes);
  void fail(EndReason reason);
  // `progress`: something went out since the last time.
  void wait_until_writable(bool progress);
  awaitable<void> flush_when_writable();
  void note_held();

  // Constant after construction.
  ShardContext& shard_;
  Stream& stream_;
  Event& woken_;
  std::uint64_t& bytes_out_;
  Pacer* const pacer_;
  const GiveUp give_up_;
  const Manner manner_;

  // Owned by the shard.
  bool ended_ = false;
  bool blocked_ = false;  // the socket took nothing more: until it is writable
  bool waiting_ = false;  // flush_when_writable() is running
  std::uint32_t times_emptied_ = 0;
  Event* room_ = nullptr;  // the session's
  SendQueue queue_;
  Share buffered_;  // of the shard's buffered_bytes
  Deadline stall_;  // while blocked
  Gate gate_;
};

}  // namespace parley

#include "service/session/leg_writer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "service/session/pacer.h"

namespace parley {

LegWriter::LegWriter(ShardContext& shard, Manner manner, Stream& stream, Event& woken, std::uint64_t& bytes_out,
                     GiveUp give_up, Pacer* pacer)
    : shard_(shard),
      stream_(stream),
      woken_(woken),
      bytes_out_(bytes_out),
      pacer_(pacer),
      give_up_(std::move(give_up)),
      manner_(manner),
      buffered_(shard.counters.buffered_bytes),
      stall_(shard.wheel, [this] { fail(EndReason::too_slow); }) {}

std::size_t LegWriter::most_held() const {
  if (!manner_.hold_to_limit) return 0;
  const std::size_t limit = shard_.limits.buffer_limit;
  return limit == 0 ? std::numeric_limits<std::size_t>::max() : limit;
}

void LegWriter::send(std::span<const std::byte> bytes, TimePoint read_at, std::size_t messages) {
  if (ended_) return;
  if (queue_.empty() && !blocked_ && pacer_ == nullptr) {
    // Nothing before it: straight from where it was read to the socket.
    bytes = bytes.subspan(write(bytes));
    if (ended_) return;
    if (bytes.empty() && !blocked_) {
      if (messages != 0) counters().relay_seconds.observe(shard_.now() - read_at, messages);
      return;
    }
  }
  if (!bytes.empty()) std::copy(bytes.begin(), bytes.end(), queue_.extend(bytes.size()).begin());
  if (messages != 0) queue_.end_messages(read_at, messages);
  flush();
}

std::size_t LegWriter::write(std::span<const std::byte> bytes) {
  const IoResult result = stream_.write_some(bytes);
  if (result.status == IoStatus::failed || result.status == IoStatus::closed) {
    fail(manner_.when_broken);
    return 0;
  }
  bytes_out_ += result.bytes;
  counters().bytes_out_total.add(result.bytes);
  blocked_ = stream_.unsent() > 0 || result.status == IoStatus::would_block;
  return result.bytes;
}

void LegWriter::flush() {
  const std::size_t before = held();
  bool progress = false;
  while (!ended_ && !blocked_ && held() > 0) {
    const std::size_t due = pacer_ != nullptr ? pacer_->due(queue_.size()) : queue_.size();
    const std::size_t unsent = stream_.unsent();
    if (due == 0 && unsent == 0) break;  // the pacer will call
    const std::size_t taken = write(queue_.front().first(due));
    if (ended_) return;
    progress = progress || taken > 0 || stream_.unsent() < unsent;
    if (blocked_ && taken == 0) break;
    const TimePoint now = shard_.now();
    queue_.drop_front(taken, [&](TimePoint read_at, std::size_t messages) {
      counters().relay_seconds.observe(now - read_at, messages);
    });
    if (pacer_ != nullptr) pacer_->sent(taken, now);
  }
  if (ended_) return;
  if (blocked_) {
    wait_until_writable(progress);
  } else {
    stall_.clear();
  }
  note_held();
  const std::size_t after = held();
  if (after == 0 && before != 0) ++times_emptied_;
  if (after >= before || after > most_held()) return;
  woken_.notify();
  if (room_ != nullptr) room_->notify();
}

void LegWriter::wait_until_writable(bool progress) {
  if (!stall_.is_set()) {
    set_deadline(shard_, stall_, shard_.deadlines.write);
  } else if (progress) {
    stall_.move(shard_.now() + shard_.deadlines.write);
  }
  if (!std::exchange(waiting_, true)) gate_.spawn(shard_.executor(), flush_when_writable());
}

awaitable<void> LegWriter::flush_when_writable() {
  while (!ended_ && blocked_) {
    co_await stream_.wait(Stream::Ready::write);
    blocked_ = false;
    flush();
  }
  waiting_ = false;
}

awaitable<void> LegWriter::wait_sent() {
  flush();  // the stream may hold an alert of its own, which nobody has tried to send again
  while (!ended_ && held() > 0) co_await woken_.wait();
}

void LegWriter::end() {
  if (ended_) return;
  ended_ = true;
  stall_.clear();
  if (pacer_ != nullptr) pacer_->stop();
  counters().dropped_bytes_total.add(queue_.size());
  queue_.clear();
  note_held();
  woken_.notify();
  if (room_ != nullptr) room_->notify();
}

void LegWriter::fail(EndReason reason) {
  end();
  give_up_(reason);
}

void LegWriter::note_held() { buffered_.set(ended_ ? 0 : held()); }

}  // namespace parley

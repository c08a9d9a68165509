#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_queue.h"
#include "base/clock.h"

namespace parley {

// Bytes waiting to go to a client, and where in them each message ends.
class SendQueue {
 public:
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  std::span<const std::byte> front() const { return bytes_.front(); }

  // How many ends of messages are kept, gone ones that have not been forgotten yet among them.
  std::size_t pending_messages() const { return ends_.size(); }

  std::span<std::byte> extend(std::size_t count) { return bytes_.extend(count); }
  // A message that was read at `read_at` ends where the queue ends now.
  void end_message(TimePoint read_at) { ends_.push_back({taken_ + bytes_.size(), read_at}); }

  // Takes `count` bytes off the front; calls on_message(read_at) for each message whose last byte they hold.
  template <class OnMessage>
  void drop_front(std::size_t count, OnMessage on_message) {
    bytes_.drop_front(count);
    taken_ += count;
    while (first_ < ends_.size() && ends_[first_].at <= taken_) on_message(ends_[first_++].read_at);
    if (first_ == ends_.size()) {
      std::vector<End>().swap(ends_);
      first_ = 0;
    } else if (first_ > ends_.size() / 2) {
      // A queue that is refilled before it is ever empty must not keep them all.
      ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }
  void clear() {
    drop_front(size(), [](TimePoint) {});
  }

 private:
  struct End {
    std::uint64_t at;  // counted from the queue's first byte ever
    TimePoint read_at;
  };
  ByteQueue bytes_;
  std::uint64_t taken_ = 0;
  std::vector<End> ends_;
  std::size_t first_ = 0;
};

}  // namespace parley

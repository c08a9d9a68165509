#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "service/loop/byte_queue.h"
#include "service/loop/clock.h"

namespace parley {

// Bytes waiting to go to a client, and where in them each message ends.
class SendQueue {
 public:
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  std::span<const std::byte> front() const { return bytes_.front(); }

  // How many ends are kept, gone ones that have not been forgotten yet among them.
  std::size_t pending_ends() const { return ends_.size(); }

  std::span<std::byte> extend(std::size_t count) { return bytes_.extend(count); }
  // A message that was read at `read_at` ends where the queue ends now; or several, which count as one to keep: a
  // client's shortest take no more memory than its longest.
  void end_messages(TimePoint read_at, std::size_t messages = 1) {
    ends_.push_back({taken_ + bytes_.size(), read_at, messages});
  }

  // Takes `count` bytes off the front; calls on_messages(read_at, how many) for those whose last byte they hold.
  template <class OnMessages>
  void drop_front(std::size_t count, OnMessages on_messages) {
    bytes_.drop_front(count);
    taken_ += count;
    for (; first_ < ends_.size() && ends_[first_].at <= taken_; ++first_)
      on_messages(ends_[first_].read_at, ends_[first_].messages);
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
    drop_front(size(), [](TimePoint, std::size_t) {});
  }

 private:
  struct End {
    std::uint64_t at;  // counted from the queue's first byte ever
    TimePoint read_at;
    std::size_t messages;
  };
  ByteQueue bytes_;
  std::uint64_t taken_ = 0;
  std::vector<End> ends_;
  std::size_t first_ = 0;
};

}  // namespace parley

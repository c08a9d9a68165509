#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace parley {

// Bytes that come in at the back and go out at the front, contiguous. Holds no memory while it is empty.
class ByteQueue {
 public:
  std::size_t size() const { return bytes_.size() - head_; }
  bool empty() const { return size() == 0; }
  std::span<const std::byte> front() const { return std::span(bytes_).subspan(head_); }

  // Room for `count` bytes at the back, for the caller to fill.
  std::span<std::byte> extend(std::size_t count) {
    compact();
    bytes_.resize(bytes_.size() + count);
    return std::span(bytes_).last(count);
  }
  void append(std::span<const std::byte> more) {
    compact();
    bytes_.insert(bytes_.end(), more.begin(), more.end());
  }
  void drop_front(std::size_t count) {
    head_ += count;
    release_when_empty();
  }
  void clear() {
    head_ = bytes_.size();
    release_when_empty();
  }

 private:
  void compact() {
    if (head_ < bytes_.size() / 2 || head_ == 0) return;
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
  void release_when_empty() {
    if (!empty()) return;
    std::vector<std::byte>().swap(bytes_);
    head_ = 0;
  }

  std::vector<std::byte> bytes_;
  std::size_t head_ = 0;
};

}  // namespace parley

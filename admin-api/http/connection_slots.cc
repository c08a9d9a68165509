#include "admin-api/http/connection_slots.h"

#include <sys/socket.h>

#include <algorithm>
#include <cassert>

namespace parley {

ConnectionSlots::ConnectionSlots(std::size_t capacity) : capacity_(capacity) { slots_.reserve(capacity); }

bool ConnectionSlots::claim(int fd) {
  std::unique_lock lock(mutex_);
  while (!closed_ && slots_.size() >= capacity_) {
    cut_longest_waiting();
    changed_.wait(lock);
  }
  if (closed_) return false;
  slots_.push_back({.fd = fd, .waiting_since = Clock::now()});
  return true;
}

void ConnectionSlots::release(int fd) {
  const std::lock_guard lock(mutex_);
  std::erase_if(slots_, [fd](const Slot& slot) { return slot.fd == fd; });
  changed_.notify_all();
}

void ConnectionSlots::begin_wait(int fd) {
  const std::lock_guard lock(mutex_);
  find(fd).waiting_since = Clock::now();
  if (slots_.size() >= capacity_) changed_.notify_all();
}

void ConnectionSlots::end_wait(int fd) {
  const std::lock_guard lock(mutex_);
  find(fd).waiting_since.reset();
}

void ConnectionSlots::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const Slot& slot : slots_) ::shutdown(slot.fd, SHUT_RDWR);
  changed_.notify_all();
}

ConnectionSlots::Slot& ConnectionSlots::find(int fd) {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [fd](const Slot& slot) { return slot.fd == fd; });
  assert(found != slots_.end());
  return *found;
}

void ConnectionSlots::cut_longest_waiting() {
  Slot* longest = nullptr;
  for (Slot& slot : slots_) {
    if (slot.cut) return;  // its thread is about to give the slot back
    if (slot.waiting_since && (!longest || *slot.waiting_since < *longest->waiting_since)) longest = &slot;
  }
  if (!longest) return;
  longest->cut = true;
  // Wakes its thread, which finds the connection at its end.
  ::shutdown(longest->fd, SHUT_RDWR);
}

}  // namespace parley

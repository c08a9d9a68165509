#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace parley {

// The connections that one HTTP listener has open: at most as many as it has threads. When all slots are taken and
// another client comes, the connection that has waited for its client the longest is cut. So clients that send a
// header byte a second, never read, or keep idle connections cannot shut anybody out, however many they are.
// Thread-safe. Descriptors stay their owners'.
class ConnectionSlots {
 public:
  explicit ConnectionSlots(std::size_t capacity);

  // Takes a slot for `fd`, waiting while every connection is busy with an answer. False once closed.
  bool claim(int fd);
  // Gives it back. Must come before `fd` is closed, whose number would soon mean another connection.
  void release(int fd);

  // Between these, the connection waits for its client to send or to take something.
  void begin_wait(int fd);
  void end_wait(int fd);

  // Cuts every connection and lets nobody in any more.
  void close();

 private:
  using Clock = std::chrono::steady_clock;
  struct Slot {
    int fd;
    std::optional<Clock::time_point> waiting_since;
    bool cut = false;
  };

  Slot& find(int fd);
  void cut_longest_waiting();

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;  // guarded by mutex_, as closed_
  bool closed_ = false;
};

}  // namespace parley

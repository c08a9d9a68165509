#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace parley {

// Writes lines to a descriptor on a thread of its own, so that nobody else ever waits for who reads there: behind it
// may be a full pipe, or a paused terminal. What is queued is bounded; beyond it the oldest lines are lost, and
// counted. Thread-safe.
class LineWriter {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20U;  // queued

  // What is said of lines that were lost, once lines get out again: a line, or nothing. Called on the writer's thread,
  // which may be later than the object's end.
  using TellLoss = std::function<std::string(std::uint64_t lines)>;

  // `lost` is added to, and must outlive the process's threads. Throws std::runtime_error without a thread.
  LineWriter(int descriptor, std::atomic<std::uint64_t>& lost, TellLoss tell_loss);
  // finish() is to come first: what is still queued is lost.
  ~LineWriter();

  // Ends with its newline. Never waits.
  void write(std::string line);
  // Ends the thread once all that is queued has been written, but waits for that no longer than so: then the thread is
  // left to itself, and false returned. Nothing is written any more afterwards.
  bool finish(std::chrono::milliseconds within);

 private:
  struct Queue;
  std::shared_ptr<Queue> queue_;  // the thread's too
};

}  // namespace parley

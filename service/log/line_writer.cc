#include "service/log/line_writer.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/descriptor.h"
#include "service/threads/thread.h"

namespace parley {

struct LineWriter::Queue {
  Queue(int to, std::atomic<std::uint64_t>& lost_lines, TellLoss tell)
      : descriptor(to), lost(lost_lines), tell_loss(std::move(tell)) {}

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return ending || !lines.empty(); });
      if (lines.empty() || abandoned) break;
      // Those that are lost came before those that are queued.
      std::string text = untold > 0 ? tell_loss(std::exchange(untold, 0)) : std::string();
      text += lines.front();
      bytes -= lines.front().size();
      lines.pop_front();
      lock.unlock();
      const bool written = write_all(descriptor, as_bytes(text)) == 0;
      lock.lock();
      if (!written) note_lost();
    }
    ended = true;
    changed.notify_all();
  }

  void note_lost() {
    ++untold;
    lost.fetch_add(1, std::memory_order_relaxed);
  }

  // Constant after construction.
  const int descriptor;
  std::atomic<std::uint64_t>& lost;
  const TellLoss tell_loss;

  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex.
  std::deque<std::string> lines;
  std::size_t bytes = 0;     // of these
  std::uint64_t untold = 0;  // lost, and not said yet
  bool ending = false;
  bool abandoned = false;
  bool ended = false;
};

LineWriter::LineWriter(int descriptor, std::atomic<std::uint64_t>& lost, TellLoss tell_loss)
    : queue_(std::make_shared<Queue>(descriptor, lost, std::move(tell_loss))) {
  start_thread({.name = "lines"}, [queue = queue_] { queue->run(); }).detach();
}

LineWriter::~LineWriter() { finish(std::chrono::milliseconds{0}); }

void LineWriter::write(std::string line) {
  const std::lock_guard lock(queue_->mutex);
  if (queue_->ending) return queue_->note_lost();
  queue_->bytes += line.size();
  queue_->lines.push_back(std::move(line));
  while (queue_->bytes > kMostBytes) {
    queue_->bytes -= queue_->lines.front().size();
    queue_->lines.pop_front();
    queue_->note_lost();
  }
  queue_->changed.notify_all();
}

bool LineWriter::finish(std::chrono::milliseconds within) {
  std::unique_lock lock(queue_->mutex);
  queue_->ending = true;
  queue_->changed.notify_all();
  queue_->changed.wait_for(lock, within, [this] { return queue_->ended; });
  if (queue_->ended) return true;
  queue_->abandoned = true;
  for (; !queue_->lines.empty(); queue_->lines.pop_front()) queue_->note_lost();
  queue_->bytes = 0;
  return false;
}

}  // namespace parley

#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "service/rsa/engine.h"
#include "service/rsa/open_queue.h"
#include "service/view/view.h"

namespace parley::rsa {

// Threads that do RSA private-key operations for the shards. A worker that becomes free takes all that is
// queued, up to the engine's batch, and never waits for more.
class Workers {
 public:
  Workers(const Engine& engine, unsigned threads);
  // Every submitted job has been done when this returns. No submit() may be under way.
  ~Workers();

  // Thread-safe; never blocks for long.
  void submit(OpenJob& job);

  WorkersView view() const;  // all but the engine and generate_key_seconds

 private:
  void run(std::size_t index);
  void end();
  std::size_t most_at_a_time() const;  // with mutex_ held

  const Engine& engine_;
  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  OpenQueue queue_;         // guarded by mutex_, as all below
  std::size_t idle_ = 0;    // workers that wait
  std::size_t waking_ = 0;  // of these, the ones notified already
  bool stopping_ = false;

  struct alignas(64) ThreadCounters : OpenCounters {};  // a cache line of its own for each thread
  std::vector<ThreadCounters> counters_;
  std::vector<std::thread> threads_;
};

}  // namespace parley::rsa

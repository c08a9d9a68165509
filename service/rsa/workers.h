#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/histogram.h"
#include "rsa/engine.h"
#include "view.h"

namespace parley::rsa {

// Some openings of one leg, in order. Lives in the leg; the workers keep a pointer until done() is called.
struct OpenJob {
  std::span<Opening> openings;  // at least one
  // Called once on a worker's thread, when all openings have been done. Must not block; usually posts to the
  // leg's shard.
  virtual void done() = 0;

  OpenJob* next = nullptr;   // the workers' own
  std::size_t started = 0;   // openings handed to an engine
  std::size_t finished = 0;  // openings done; the last one's worker calls done()

 protected:
  ~OpenJob() = default;
};

// Threads that do RSA private-key operations for the shards. A worker that becomes free takes all that is
// queued, up to the engine's batch, and never waits for more.
class Workers {
 public:
  Workers(const Engine& engine, unsigned threads);
  // Every submitted job has been done when this returns. No submit() may be under way.
  ~Workers();

  // Thread-safe; never blocks for long.
  void submit(OpenJob& job);

  WorkersView view() const;  // all but generate_key_seconds

 private:
  struct Batch;
  void run(std::size_t index);
  void take(Batch& batch);  // with mutex_ held

  const Engine& engine_;
  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  OpenJob* head_ = nullptr;  // guarded by mutex_, as all below
  OpenJob* tail_ = nullptr;
  std::size_t queued_ = 0;  // openings not yet handed to an engine
  std::size_t idle_ = 0;    // workers that wait
  std::size_t waking_ = 0;  // of these, the ones notified already
  bool stopping_ = false;

  struct alignas(64) ThreadCounters {  // one writer each
    Histogram open_seconds;
    Counter operations;
    Counter batches;
  };
  std::vector<ThreadCounters> counters_;
  std::vector<std::thread> threads_;
};

}  // namespace parley::rsa

#include "service/rsa/workers.h"

#include <algorithm>

#include "service/threads/thread.h"

namespace parley::rsa {

namespace {

// With an engine that does one at a time a worker still takes several when more are queued than there are workers:
// their legs then hear of them together, and a shard is woken once for all.
constexpr std::size_t kMaxRun = 8;

}  // namespace

Workers::Workers(const Engine& engine, unsigned threads) : engine_(engine), counters_(std::max(threads, 1U)) {
  threads_.reserve(counters_.size());
  try {
    for (std::size_t i = 0; i < counters_.size(); ++i) {
      threads_.push_back(start_thread(
          {.name = "rsa", .number = i + 1, .of = counters_.size(), .fewer = "lower --workers"}, [this, i] { run(i); }));
    }
  } catch (...) {
    end();
    throw;
  }
}

Workers::~Workers() { end(); }

void Workers::end() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::submit(OpenJob& job) {
  std::size_t to_wake = 0;
  {
    const std::lock_guard lock(mutex_);
    queue_.push(job);
    // One worker for each batch that is queued, the ones on their way counted in: a second one woken for what the
    // first is about to take would find nothing, or split a batch in two.
    while (waking_ < idle_ && queue_.openings() > waking_ * engine_.batch()) {
      ++waking_;
      ++to_wake;
    }
  }
  // After unlocking, or the woken thread's first act would be to wait for the lock (1.4 us of CPU a time).
  while (to_wake-- > 0) wanted_.notify_one();
}

std::size_t Workers::most_at_a_time() const {
  if (engine_.batch() > 1) return engine_.batch();
  return std::clamp(queue_.openings() / counters_.size(), std::size_t{1}, kMaxRun);
}

void Workers::run(std::size_t index) {
  OpenBatch batch;
  std::unique_lock lock(mutex_);
  while (true) {
    while (queue_.empty() && !stopping_) {
      ++idle_;
      wanted_.wait(lock);
      --idle_;
      // A wake-up nobody asked for counts as one that was: at worst a worker is notified once more.
      if (waking_ > 0) --waking_;
    }
    if (queue_.empty()) return;
    queue_.take(batch, most_at_a_time());
    lock.unlock();
    batch.open(engine_, counters_[index]);
    lock.lock();
    const OpenQueue::Finished finished = OpenQueue::finish(batch);
    lock.unlock();
    for (OpenJob* job : std::span(finished.jobs).first(finished.count)) job->done();
    lock.lock();
  }
}

WorkersView Workers::view() const {
  WorkersView view;
  view.threads = threads_.size();
  for (const OpenCounters& counters : counters_) counters.add_to(view);
  const std::lock_guard lock(mutex_);
  view.queued = queue_.openings();
  return view;
}

}  // namespace parley::rsa

#include "rsa/workers.h"

#include <pthread.h>

#include <algorithm>
#include <string>

namespace parley::rsa {

namespace {

constexpr std::size_t kMaxBatch = 16;
// With an engine that does one at a time a worker still takes several when more are queued than there are workers:
// their legs then hear of them together, and a shard is woken once for all.
constexpr std::size_t kMaxRun = 8;

}  // namespace

struct Workers::Batch {
  struct Part {
    OpenJob* job;
    std::size_t openings;
  };
  std::array<Opening*, kMaxBatch> openings;
  std::array<Part, kMaxBatch> parts;
  std::size_t opening_count = 0;
  std::size_t part_count = 0;
};

Workers::Workers(const Engine& engine, unsigned threads) : engine_(engine), counters_(std::max(threads, 1U)) {
  threads_.reserve(counters_.size());
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    threads_.emplace_back([this, i] { run(i); });
    pthread_setname_np(threads_.back().native_handle(), ("rsa-" + std::to_string(i)).c_str());
  }
}

Workers::~Workers() {
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
    job.next = nullptr;
    job.started = 0;
    job.finished = 0;
    (tail_ == nullptr ? head_ : tail_->next) = &job;
    tail_ = &job;
    queued_ += job.openings.size();
    // One worker for each batch that is queued, the ones on their way counted in: a second one woken for what the
    // first is about to take would find nothing, or split a batch in two.
    while (waking_ < idle_ && queued_ > waking_ * engine_.batch()) {
      ++waking_;
      ++to_wake;
    }
  }
  // After unlocking, or the woken thread's first act would be to wait for the lock (1.4 us of CPU a time).
  while (to_wake-- > 0) wanted_.notify_one();
}

void Workers::take(Batch& batch) {
  const std::size_t most = engine_.batch() > 1 ? std::min(engine_.batch(), kMaxBatch)
                                               : std::clamp(queued_ / counters_.size(), std::size_t{1}, kMaxRun);
  batch.opening_count = 0;
  batch.part_count = 0;
  while (head_ != nullptr && batch.opening_count < most) {
    OpenJob& job = *head_;
    const std::size_t count = std::min(most - batch.opening_count, job.openings.size() - job.started);
    for (std::size_t i = 0; i < count; ++i) batch.openings[batch.opening_count++] = &job.openings[job.started++];
    batch.parts[batch.part_count++] = {&job, count};
    if (job.started == job.openings.size()) {
      head_ = job.next;
      if (head_ == nullptr) tail_ = nullptr;
    }
  }
  queued_ -= batch.opening_count;
}

void Workers::run(std::size_t index) {
  ThreadCounters& counters = counters_[index];
  Batch batch;
  std::array<OpenJob*, kMaxBatch> complete;
  std::unique_lock lock(mutex_);
  while (true) {
    while (head_ == nullptr && !stopping_) {
      ++idle_;
      wanted_.wait(lock);
      --idle_;
      // A wake-up nobody asked for counts as one that was: at worst a worker is notified once more.
      if (waking_ > 0) --waking_;
    }
    if (head_ == nullptr) return;
    take(batch);
    lock.unlock();

    const auto begin = std::chrono::steady_clock::now();
    const std::span openings = std::span(batch.openings).first(batch.opening_count);
    for (std::size_t at = 0; at < openings.size(); at += engine_.batch()) {
      engine_.open(openings.subspan(at, std::min(engine_.batch(), openings.size() - at)));
    }
    counters.open_seconds.observe(std::chrono::steady_clock::now() - begin);
    counters.operations.add(batch.opening_count);
    counters.batches.add();

    lock.lock();
    std::size_t complete_count = 0;
    for (const Batch::Part& part : std::span(batch.parts).first(batch.part_count)) {
      part.job->finished += part.openings;
      if (part.job->finished == part.job->openings.size()) complete[complete_count++] = part.job;
    }
    lock.unlock();
    for (OpenJob* job : std::span(complete).first(complete_count)) job->done();
    lock.lock();
  }
}

WorkersView Workers::view() const {
  WorkersView view;
  view.engine = engine_.name();
  view.engine_detail = engine_.detail();
  view.threads = threads_.size();
  for (const ThreadCounters& counters : counters_) {
    view.open_seconds += counters.open_seconds.snapshot();
    view.operations_total += counters.operations.get();
    view.batches_total += counters.batches.get();
  }
  const std::lock_guard lock(mutex_);
  view.queued = queued_;
  return view;
}

}  // namespace parley::rsa

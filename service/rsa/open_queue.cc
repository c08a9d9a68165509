#include "service/rsa/open_queue.h"

#include <algorithm>
#include <chrono>

namespace parley::rsa {

void OpenCounters::add_to(WorkersView& view) const {
  view.open_seconds += open_seconds.snapshot();
  view.operations_total += operations.get();
  view.batches_total += batches.get();
}

void OpenBatch::open(const Engine& engine, OpenCounters& counters) {
  const auto begin = std::chrono::steady_clock::now();
  const std::span all = std::span(openings).first(opening_count);
  for (std::size_t at = 0; at < all.size(); at += engine.batch()) {
    engine.open(all.subspan(at, std::min(engine.batch(), all.size() - at)));
  }
  counters.open_seconds.observe(std::chrono::steady_clock::now() - begin);
  counters.operations.add(opening_count);
  counters.batches.add();
}

void OpenQueue::push(OpenJob& job) {
  job.next = nullptr;
  job.started = 0;
  job.finished = 0;
  (tail_ == nullptr ? head_ : tail_->next) = &job;
  tail_ = &job;
  openings_ += job.openings.size();
}

void OpenQueue::take(OpenBatch& batch, std::size_t most) {
  most = std::min(most, OpenBatch::kMost);
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
  openings_ -= batch.opening_count;
}

OpenQueue::Finished OpenQueue::finish(const OpenBatch& batch) {
  Finished finished;
  for (const OpenBatch::Part& part : std::span(batch.parts).first(batch.part_count)) {
    part.job->finished += part.openings;
    if (part.job->finished == part.job->openings.size()) finished.jobs[finished.count++] = part.job;
  }
  return finished;
}

}  // namespace parley::rsa

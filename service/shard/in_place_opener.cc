#include "service/shard/in_place_opener.h"

#include <algorithm>

namespace parley {

namespace {

// With more queued, several are done before their legs hear of it, so that what they send goes out together: that wakes
// their partners, and through them this shard, less often. Four are about a millisecond.
constexpr std::size_t kMostATurn = 4;

}  // namespace

void InPlaceOpener::submit(rsa::OpenJob& job) {
  queue_.push(job);
  queued_.add(job.openings.size());
  if (turning_) return;
  turning_ = true;
  asio::post(io_, [this] { turn(); });
}

void InPlaceOpener::turn() {
  rsa::OpenBatch batch;
  const std::size_t most = std::clamp(queue_.openings() / 2, std::size_t{1}, kMostATurn);
  queue_.take(batch, std::max(engine_.batch(), most));
  batch.open(engine_, counters_);
  queued_.subtract(batch.opening_count);
  const auto finished = rsa::OpenQueue::finish(batch);
  // Before done(), which may submit more.
  turning_ = !queue_.empty();
  if (turning_) asio::post(io_, [this] { turn(); });
  for (rsa::OpenJob* job : std::span(finished.jobs).first(finished.count)) job->done();
}

}  // namespace parley

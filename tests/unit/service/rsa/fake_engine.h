#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/rsa/engine.h"
#include "service/rsa/open_queue.h"

namespace parley::rsa {

// Notes what it is given, and can be held up so that openings queue.
class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(std::size_t batch) : batch_(batch) {}
  std::string_view name() const override { return "fake"; }
  std::string detail() const override { return "for tests"; }
  std::size_t batch() const override { return batch_; }

  void open(std::span<Opening* const> openings) const override {
    std::unique_lock lock(mutex_);
    entered_ += 1;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    batches_.push_back(openings.size());
    for (Opening* opening : openings) {
      opening->message_bytes = 1;
      order_.push_back(opening);
    }
  }

  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Until so many calls have begun.
  void wait_for_calls(std::size_t calls) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return entered_ >= calls; });
  }
  std::vector<std::size_t> batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  std::vector<const Opening*> order() const {
    const std::lock_guard lock(mutex_);
    return order_;
  }

 private:
  const std::size_t batch_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool held_ = false;
  mutable std::size_t entered_ = 0;
  mutable std::vector<std::size_t> batches_;
  mutable std::vector<const Opening*> order_;
};

struct Job final : OpenJob {
  explicit Job(std::size_t count, std::function<void(Job&)> when_done = {})
      : blocks(count), on_done(std::move(when_done)) {
    openings = blocks;
  }
  void done() override {
    all_opened = std::all_of(blocks.begin(), blocks.end(), [](const Opening& o) { return o.message_bytes == 1; });
    if (on_done) on_done(*this);
    calls.fetch_add(1);
  }

  std::vector<Opening> blocks;
  std::function<void(Job&)> on_done;
  bool all_opened = false;
  std::atomic<int> calls = 0;
};

using Jobs = std::vector<std::unique_ptr<Job>>;

inline Jobs make_jobs(std::size_t count, std::size_t openings) {
  Jobs jobs;
  for (std::size_t i = 0; i < count; ++i) jobs.push_back(std::make_unique<Job>(openings));
  return jobs;
}

}  // namespace parley::rsa

#include "rsa/workers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

namespace parley::rsa {
namespace {

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

Jobs make_jobs(std::size_t count, std::size_t openings) {
  Jobs jobs;
  for (std::size_t i = 0; i < count; ++i) jobs.push_back(std::make_unique<Job>(openings));
  return jobs;
}

TEST(Workers, DoesEveryJobOnceAndWhole) {
  for (const std::size_t batch : {std::size_t{1}, std::size_t{8}}) {
    const FakeEngine engine(batch);
    Jobs jobs = make_jobs(100, 3);
    {
      Workers workers(engine, 4);
      for (auto& job : jobs) workers.submit(*job);
    }
    for (const auto& job : jobs) {
      EXPECT_EQ(job->calls, 1);
      EXPECT_TRUE(job->all_opened);
    }
  }
}

TEST(Workers, OneWorkerKeepsTheOrder) {
  const FakeEngine engine(8);
  Jobs jobs = make_jobs(50, 3);
  {
    Workers workers(engine, 1);
    for (auto& job : jobs) workers.submit(*job);
  }
  const auto order = engine.order();
  ASSERT_EQ(order.size(), 150U);
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], &jobs[i / 3]->blocks[i % 3]) << i;
}

TEST(Workers, TakesAllThatIsQueuedWhenItBecomesFree) {
  FakeEngine engine(8);
  Jobs jobs = make_jobs(14, 1);
  {
    Workers workers(engine, 1);
    engine.hold();
    workers.submit(*jobs[0]);
    engine.wait_for_calls(1);
    for (std::size_t i = 1; i < jobs.size(); ++i) workers.submit(*jobs[i]);
    EXPECT_EQ(workers.view().queued, 13U);
    engine.let_go();
  }
  EXPECT_EQ(engine.batches(), (std::vector<std::size_t>{1, 8, 5}));
}

TEST(Workers, OneJobsOpeningsRunOnSeveralWorkers) {
  FakeEngine engine(1);
  Job job(4);
  {
    Workers workers(engine, 4);
    engine.hold();
    workers.submit(job);
    engine.wait_for_calls(4);  // all at once, or this would never end
    EXPECT_EQ(job.calls, 0);
    engine.let_go();
  }
  EXPECT_EQ(job.calls, 1);
  EXPECT_TRUE(job.all_opened);
}

TEST(Workers, ALoneOpeningStartsAtOnceBesideABusyWorker) {
  FakeEngine engine(8);
  Jobs jobs = make_jobs(2, 1);
  Workers workers(engine, 2);
  engine.hold();
  workers.submit(*jobs[0]);
  engine.wait_for_calls(1);
  workers.submit(*jobs[1]);
  engine.wait_for_calls(2);
  engine.let_go();
}

TEST(Workers, JobsMayBeSubmittedAgainFromDone) {
  const FakeEngine engine(8);
  constexpr int kRounds = 2000;
  Workers* workers = nullptr;
  std::atomic<int> finished = 0;
  std::vector<std::unique_ptr<Job>> jobs;
  {
    Workers running(engine, 3);
    workers = &running;
    for (int i = 0; i < 16; ++i) {
      jobs.push_back(std::make_unique<Job>(2, [&finished, &workers, rounds = 0](Job& job) mutable {
        if (++rounds < kRounds) {
          workers->submit(job);
        } else {
          finished.fetch_add(1);
          finished.notify_all();
        }
      }));
    }
    for (auto& job : jobs) running.submit(*job);
    for (int now = 0; (now = finished.load()) < 16;) finished.wait(now);

    const WorkersView view = running.view();
    EXPECT_EQ(view.operations_total, 16U * kRounds * 2);
    EXPECT_GE(view.batches_total, view.operations_total / 8);
    EXPECT_EQ(view.open_seconds.count(), view.batches_total);
    EXPECT_EQ(view.queued, 0U);
    EXPECT_EQ(view.threads, 3U);
    EXPECT_EQ(view.engine, "fake");
    EXPECT_EQ(view.engine_detail, "for tests");
  }
}

TEST(Workers, ManyThreadsMaySubmit) {
  const FakeEngine engine(8);
  std::vector<Jobs> jobs;
  jobs.reserve(4);
  for (int i = 0; i < 4; ++i) jobs.push_back(make_jobs(500, 1));
  {
    Workers workers(engine, 2);
    std::vector<std::thread> submitters;
    submitters.reserve(jobs.size());
    for (Jobs& mine : jobs) {
      submitters.emplace_back([&] {
        for (auto& job : mine) workers.submit(*job);
      });
    }
    for (std::thread& submitter : submitters) submitter.join();
  }
  for (const Jobs& mine : jobs) {
    for (const auto& job : mine) EXPECT_EQ(job->calls, 1);
  }
}

TEST(Workers, NoThreadsMeansOne) {
  const FakeEngine engine(1);
  Job job(1);
  {
    Workers workers(engine, 0);
    workers.submit(job);
  }
  EXPECT_EQ(job.calls, 1);
}

}  // namespace
}  // namespace parley::rsa

#include "service/rsa/workers.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/service/rsa/fake_engine.h"

namespace parley::rsa {
namespace {

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

#include "service/shard/in_place_opener.h"

#include <gtest/gtest.h>

#include "tests/unit/service/rsa/fake_engine.h"

namespace parley {
namespace {

using rsa::FakeEngine;
using rsa::Jobs;
using rsa::make_jobs;

TEST(InPlaceOpener, DoesEveryJobOnceAndInOrder) {
  for (const std::size_t batch : {std::size_t{1}, std::size_t{8}}) {
    asio::io_context io;
    const FakeEngine engine(batch);
    InPlaceOpener opener(io, engine);
    Jobs jobs = make_jobs(50, 3);
    for (auto& job : jobs) opener.submit(*job);
    EXPECT_EQ(opener.queued(), 150U);
    EXPECT_EQ(jobs[0]->calls, 0);  // in a later turn
    io.run();
    const auto order = engine.order();
    ASSERT_EQ(order.size(), 150U);
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], &jobs[i / 3]->blocks[i % 3]) << i;
    for (const auto& job : jobs) {
      EXPECT_EQ(job->calls, 1);
      EXPECT_TRUE(job->all_opened);
    }
    EXPECT_EQ(opener.queued(), 0U);
    EXPECT_EQ(opener.counters().operations.get(), 150U);
  }
}

TEST(InPlaceOpener, OthersHaveTheirTurnAfterAFew) {
  asio::io_context io;
  const FakeEngine engine(1);
  InPlaceOpener opener(io, engine);
  Jobs jobs = make_jobs(100, 1);
  for (auto& job : jobs) opener.submit(*job);
  std::size_t before = 0;
  while (before < jobs.size()) {
    asio::post(io, [] {});
    io.run_one();
    const std::size_t done = engine.order().size();
    EXPECT_LE(done - before, 4U);
    before = done;
  }
}

TEST(InPlaceOpener, ALoneJobIsDoneAlone) {
  asio::io_context io;
  const FakeEngine engine(1);
  InPlaceOpener opener(io, engine);
  Jobs jobs = make_jobs(2, 1);
  opener.submit(*jobs[0]);
  io.run();
  io.restart();
  opener.submit(*jobs[1]);
  io.run();
  EXPECT_EQ(engine.batches(), (std::vector<std::size_t>{1, 1}));
}

TEST(InPlaceOpener, WhoIsDoneMaySubmitTheNext) {
  asio::io_context io;
  const FakeEngine engine(1);
  InPlaceOpener opener(io, engine);
  rsa::Job next(1);
  rsa::Job job(1, [&](rsa::Job&) { opener.submit(next); });
  opener.submit(job);
  io.run();
  EXPECT_EQ(job.calls, 1);
  EXPECT_EQ(next.calls, 1);
}

}  // namespace
}  // namespace parley

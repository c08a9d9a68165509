#include "admin-api/history.h"

#include <gtest/gtest.h>

#include "tests/unit/admin-api/fake_service.h"

namespace parley {
namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;

const WallTime kStart{1'700'000'000s};

HistogramSnapshot at(std::size_t bucket, std::uint64_t times) {
  HistogramSnapshot values;
  values.buckets[bucket] = times;
  return values;
}

TEST(History, AQuantileLiesWithinItsBucket) {
  EXPECT_EQ(quantile({}, 0.5), std::nullopt);
  EXPECT_DOUBLE_EQ(*quantile(at(0, 4), 0.5), kHistogramBounds[0] / 2);
  EXPECT_DOUBLE_EQ(*quantile(at(3, 10), 1), kHistogramBounds[3]);
  EXPECT_DOUBLE_EQ(*quantile(at(kHistogramBounds.size(), 1), 0.99), kHistogramBounds.back());
  HistogramSnapshot both = at(1, 99);
  both += at(5, 1);
  EXPECT_LE(*quantile(both, 0.99), kHistogramBounds[1]);
  EXPECT_GT(*quantile(both, 0.995), kHistogramBounds[4]);
}

TEST(History, RatesAndLatenciesAreOverTheTimeBetweenSamples) {
  FakeService service;
  History history(service);
  Counts counts;
  ProtocolCounts& relay = counts.protocols[static_cast<std::size_t>(Protocol::relay)];
  relay.messages_total = 1000;
  relay.relay_seconds = at(8, 1000);
  history.take(kStart, counts);
  relay.connections = 4;
  relay.sessions = {1, 2, 3};
  relay.messages_total = 1050;
  relay.bytes_in_total = 10'000;
  relay.refused_total[0] = 5;
  relay.relay_seconds += at(2, 50);
  counts.shard_loop_lag = {0.001s, 0.5s};
  history.take(kStart + 10s, counts);
  const ordered_json columns = history.columns(60min);
  EXPECT_EQ(columns["every_s"], 5);
  EXPECT_EQ(columns["time"], (ordered_json{"2023-11-14T22:13:20.000Z", "2023-11-14T22:13:30.000Z"}));
  EXPECT_EQ(columns["relay"]["messages_per_s"], (ordered_json{nullptr, 5}));
  EXPECT_EQ(columns["relay"]["received_bytes_per_s"], (ordered_json{nullptr, 1000}));
  EXPECT_EQ(columns["relay"]["refused_per_s"], (ordered_json{nullptr, 0.5}));
  EXPECT_EQ(columns["relay"]["sessions_held"], (ordered_json{0, 2}));
  EXPECT_EQ(columns["relay"]["relay_p50_s"][0], nullptr);
  EXPECT_LE(columns["relay"]["relay_p99_s"][1].get<double>(), kHistogramBounds[2] * 1.001);
  EXPECT_EQ(columns["classic"]["relay_p99_s"], (ordered_json{nullptr, nullptr}));
  EXPECT_EQ(columns["loop_lag_s"], (ordered_json{0, 0.5}));
}

TEST(History, KeepsAnHourAndGivesTheLastOfIt) {
  FakeService service;
  History history(service);
  Counts counts;
  for (std::size_t i = 0; i < History::kMost + 100; ++i) {
    counts.key_pool.ready = i;
    history.take(kStart + i * History::kEvery, counts);
  }
  const auto keys = [&](std::chrono::minutes last) { return history.columns(last)["keys_ready"]; };
  EXPECT_EQ(keys(60min).size(), History::kMost);
  EXPECT_EQ(keys(60min).front(), 100);
  EXPECT_EQ(keys(60min).back(), History::kMost + 99);
  EXPECT_EQ(keys(1min).size(), 12u);
  EXPECT_EQ(keys(1min).front(), History::kMost + 88);
}

TEST(History, AClockThatStepsBackGivesNoRates) {
  FakeService service;
  History history(service);
  history.take(kStart, {});
  history.take(kStart - 1h, {});
  EXPECT_EQ(history.columns(60min)["relay"]["messages_per_s"], (ordered_json{nullptr, nullptr}));
}

TEST(History, TakesSamplesByItself) {
  FakeService service;
  History history(service);
  history.start();
  history.stop();
  EXPECT_LE(history.columns(60min)["time"].size(), 1u);
}

TEST(History, TakesLittleMemory) { EXPECT_LE(sizeof(History::Sample) * History::kMost, 200u * 1024); }

}  // namespace
}  // namespace parley

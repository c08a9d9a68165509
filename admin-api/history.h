#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "admin-api/json_views.h"
#include "service/view/view.h"

namespace parley {

// What the dashboard's curves show: a sample every few seconds of the last hour, so that a page that has just been
// opened has them at once. Thread-safe.
class History {
 public:
  static constexpr std::chrono::seconds kEvery{5};
  static constexpr std::chrono::minutes kLength{60};
  static constexpr std::size_t kMost = kLength / kEvery;

  // `registry` must outlive it.
  explicit History(const Registry& registry);
  ~History();
  // Takes samples with a thread of its own. Throws std::runtime_error without one.
  void start();
  void stop();

  // Rates and latencies are over the time since the sample before: the first has none.
  void take(WallTime now, const Counts& counts);

  // {"every_s": 5, "time": [...], "classic": {"connections": [...], …}, "relay": {…}, "loop_lag_s": [...], …}: columns,
  // oldest first, of that time. null where nothing was measured.
  Json columns(std::chrono::minutes last) const;

  struct OfProtocol {
    std::uint32_t connections = 0, waiting = 0;
    std::array<std::uint32_t, kSessionStates> sessions{};
    // A second, of messages, bytes and connections that were refused.
    float messages = 0, received = 0, sent = 0, refused = 0;
    // Of the time that messages took through the relay; negative: there were none.
    float p50_s = -1, p99_s = -1;
  };
  struct Sample {
    WallTime time;
    std::array<OfProtocol, kProtocols> protocols;
    std::uint64_t buffered_bytes = 0;
    std::uint32_t keys_ready = 0, worker_queue = 0;
    float loop_lag_s = 0;  // of the worst shard
    bool rated = false;    // there was a sample before
  };

 private:
  void run();

  const Registry& registry_;
  mutable std::mutex mutex_;
  std::vector<Sample> samples_;  // a ring once it is full; guarded by mutex_, as all below
  std::size_t oldest_ = 0;
  std::optional<std::pair<WallTime, Counts>> before_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

// The value that this share of them is below, by the buckets' bounds; nullopt without any. Beyond the last bound: that.
std::optional<double> quantile(const HistogramSnapshot& values, double share);

}  // namespace parley

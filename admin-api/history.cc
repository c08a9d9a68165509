#include "admin-api/history.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "service/threads/thread.h"

namespace parley {

namespace {

HistogramSnapshot difference(HistogramSnapshot now, const HistogramSnapshot& before) {
  for (std::size_t i = 0; i < now.buckets.size(); ++i) now.buckets[i] -= before.buckets[i];
  return now;
}

template <class Numbers>
std::uint64_t sum(const Numbers& numbers) {
  std::uint64_t total = 0;
  for (const auto number : numbers) total += number;
  return total;
}

History::OfProtocol of_protocol(const ProtocolCounts& counts) {
  History::OfProtocol sample;
  sample.connections = static_cast<std::uint32_t>(counts.connections);
  sample.waiting = static_cast<std::uint32_t>(counts.lobby_legs);
  std::ranges::transform(counts.sessions, sample.sessions.begin(),
                         [](std::uint64_t number) { return static_cast<std::uint32_t>(number); });
  return sample;
}

void add_rates(History::OfProtocol& sample, const ProtocolCounts& now, const ProtocolCounts& before, double seconds) {
  const auto rate = [seconds](std::uint64_t newer, std::uint64_t older) {
    return static_cast<float>(static_cast<double>(newer - older) / seconds);
  };
  sample.messages = rate(now.messages_total, before.messages_total);
  sample.received = rate(now.bytes_in_total, before.bytes_in_total);
  sample.sent = rate(now.bytes_out_total, before.bytes_out_total);
  sample.refused = rate(sum(now.refused_total), sum(before.refused_total));
  const HistogramSnapshot took = difference(now.relay_seconds, before.relay_seconds);
  sample.p50_s = static_cast<float>(quantile(took, 0.5).value_or(-1));
  sample.p99_s = static_cast<float>(quantile(took, 0.99).value_or(-1));
}

// To three digits: what a curve shows.
Json rounded(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(value))) - 3);
  return std::round(value / unit) * unit;
}

template <class Of>
Json column(const std::vector<const History::Sample*>& samples, Of of) {
  Json values = Json::array();
  for (const History::Sample* sample : samples) values.push_back(std::invoke(of, *sample));
  return values;
}

Json columns_of(const std::vector<const History::Sample*>& samples, std::size_t protocol) {
  const auto count = [protocol](auto member) {
    return [protocol, member](const History::Sample& sample) { return Json(sample.protocols[protocol].*member); };
  };
  const auto rate = [protocol](auto member) {
    return [protocol, member](const History::Sample& sample) {
      return sample.rated ? rounded(sample.protocols[protocol].*member) : Json(nullptr);
    };
  };
  const auto time = [protocol](auto member) {
    return [protocol, member](const History::Sample& sample) {
      const double seconds = sample.protocols[protocol].*member;
      return seconds < 0 ? Json(nullptr) : rounded(seconds);
    };
  };
  using One = History::OfProtocol;
  Json columns{{"connections", column(samples, count(&One::connections))},
               {"waiting", column(samples, count(&One::waiting))}};
  for (std::size_t state = 0; state < kSessionStates; ++state) {
    columns["sessions_" + std::string(label(static_cast<SessionState>(state)))] =
        column(samples, [=](const History::Sample& sample) { return sample.protocols[protocol].sessions[state]; });
  }
  columns["messages_per_s"] = column(samples, rate(&One::messages));
  columns["received_bytes_per_s"] = column(samples, rate(&One::received));
  columns["sent_bytes_per_s"] = column(samples, rate(&One::sent));
  columns["refused_per_s"] = column(samples, rate(&One::refused));
  columns["relay_p50_s"] = column(samples, time(&One::p50_s));
  columns["relay_p99_s"] = column(samples, time(&One::p99_s));
  return columns;
}

}  // namespace

std::optional<double> quantile(const HistogramSnapshot& values, double share) {
  const std::uint64_t count = values.count();
  if (count == 0) return std::nullopt;
  const double wanted = share * static_cast<double>(count);
  double below = 0;
  for (std::size_t i = 0; i < kHistogramBounds.size(); ++i) {
    const auto here = static_cast<double>(values.buckets[i]);
    if (below + here >= wanted && here > 0) {
      const double least = i == 0 ? 0 : kHistogramBounds[i - 1];
      return least + (kHistogramBounds[i] - least) * (wanted - below) / here;
    }
    below += here;
  }
  return kHistogramBounds.back();
}

History::History(const Registry& registry) : registry_(registry) { samples_.reserve(kMost); }

History::~History() { stop(); }

void History::start() {
  thread_ = start_thread({.name = "history"}, [this] { run(); });
}

void History::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void History::run() {
  std::unique_lock lock(mutex_);
  for (auto due = std::chrono::steady_clock::now(); !stopping_; due += kEvery) {
    lock.unlock();
    take(std::chrono::system_clock::now(), registry_.counts());
    lock.lock();
    stopped_.wait_until(lock, due + kEvery, [this] { return stopping_; });
  }
}

void History::take(WallTime now, const Counts& counts) {
  Sample sample;
  sample.time = now;
  for (std::size_t i = 0; i < kProtocols; ++i) sample.protocols[i] = of_protocol(counts.protocols[i]);
  sample.buffered_bytes = counts.buffered_bytes;
  sample.keys_ready = static_cast<std::uint32_t>(counts.key_pool.ready);
  sample.worker_queue = static_cast<std::uint32_t>(counts.workers.queued);
  for (const auto lag : counts.shard_loop_lag)
    sample.loop_lag_s = std::max(sample.loop_lag_s, static_cast<float>(lag.count()));
  const std::lock_guard lock(mutex_);
  const double seconds = before_ ? std::chrono::duration<double>(now - before_->first).count() : 0;
  sample.rated = seconds > 0;  // the calendar may have stepped back
  if (sample.rated) {
    for (std::size_t i = 0; i < kProtocols; ++i)
      add_rates(sample.protocols[i], counts.protocols[i], before_->second.protocols[i], seconds);
  }
  before_.emplace(now, counts);
  if (samples_.size() < kMost) {
    samples_.push_back(sample);
  } else {
    samples_[std::exchange(oldest_, (oldest_ + 1) % kMost)] = sample;
  }
}

Json History::columns(std::chrono::minutes last) const {
  const std::lock_guard lock(mutex_);
  const auto wanted = std::min<std::size_t>(samples_.size(), static_cast<std::size_t>(last / kEvery));
  std::vector<const Sample*> chosen;
  for (std::size_t i = samples_.size() - wanted; i < samples_.size(); ++i)
    chosen.push_back(&samples_[(oldest_ + i) % samples_.size()]);
  Json all{{"every_s", kEvery.count()},
           {"time", column(chosen, [](const Sample& sample) { return rfc3339(sample.time); })}};
  for (std::size_t i = 0; i < kProtocols; ++i)
    all[std::string(label(static_cast<Protocol>(i)))] = columns_of(chosen, i);
  all["buffered_bytes"] = column(chosen, &Sample::buffered_bytes);
  all["keys_ready"] = column(chosen, &Sample::keys_ready);
  all["worker_queue"] = column(chosen, &Sample::worker_queue);
  all["loop_lag_s"] = column(chosen, [](const Sample& sample) { return rounded(sample.loop_lag_s); });
  return all;
}

}  // namespace parley

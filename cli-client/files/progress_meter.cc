#include "cli-client/files/progress_meter.h"

#include <cmath>
#include <utility>

namespace parley::client {
namespace {

constexpr std::chrono::milliseconds kSampleEvery{250};
constexpr std::chrono::seconds kWindow{5};
constexpr double kMaxSeconds = 30.0 * 86'400;  // longer is not worth saying

}  // namespace

void ProgressMeter::update(const TransferProgress& progress, Time now) {
  if (progress.bytes_moved < progress_.bytes_moved) samples_.clear();  // it has begun anew
  changed_ = changed_ || progress.bytes_done != progress_.bytes_done || progress.files_done != progress_.files_done ||
             progress.files_failed != progress_.files_failed || progress.files_total != progress_.files_total;
  progress_ = progress;
  if (samples_.empty() || now - samples_.back().time >= kSampleEvery) sample(now);
  while (samples_.size() > 2 && now - samples_[1].time >= kWindow) samples_.pop_front();
}

// What is compared is no measure of what is moved: where the one gives way to the other, the samples begin anew.
void ProgressMeter::sample(Time now) {
  const Sample sample{now, progress_.bytes_moved, progress_.bytes_compared};
  if (!samples_.empty()) {
    const Sample last = samples_.back();
    const bool moves = sample.moved > last.moved;
    const bool compares = !moves && sample.compared > last.compared;
    if ((moves || compares) && std::exchange(compares_, compares) != compares) samples_ = {last};
  }
  samples_.push_back(sample);
}

bool ProgressMeter::due(Time now) const { return changed_ && (!drawn_ || now - *drawn_ >= draw_every_); }

void ProgressMeter::drawn(Time now) {
  drawn_ = now;
  changed_ = false;
}

std::optional<double> ProgressMeter::rate() const {
  if (samples_.size() < 2) return std::nullopt;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const std::chrono::duration<double> time = last.time - first.time;
  const std::uint64_t bytes = compares_ ? last.compared - first.compared : last.moved - first.moved;
  return static_cast<double>(bytes) / time.count();
}

std::optional<std::chrono::seconds> ProgressMeter::left() const {
  const auto bytes = compares_ ? std::nullopt : rate();
  if (!bytes || progress_.bytes_done > progress_.bytes_total) return std::nullopt;
  const double seconds = std::ceil(static_cast<double>(progress_.bytes_total - progress_.bytes_done) / *bytes);
  if (!(seconds <= kMaxSeconds)) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

}  // namespace parley::client

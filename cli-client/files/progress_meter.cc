#include "cli-client/files/progress_meter.h"

#include <cmath>
#include <utility>

namespace parley::client {
namespace {

constexpr std::chrono::milliseconds kSampleEvery{250};
constexpr std::chrono::seconds kWindow{5};
// Without samples for so long it is another transfer, as far as its rate is concerned.
constexpr std::chrono::seconds kGap{2};
constexpr std::chrono::seconds kStall{3};
// Who takes so long to answer is a user, or busy.
constexpr std::chrono::seconds kThinking{1};
constexpr double kMaxSeconds = 30.0 * 86'400;  // longer is not worth saying

}  // namespace

// The state that it was in until now says what the time was.
void ProgressMeter::let_pass(Time now) {
  const auto time = now - std::exchange(told_at_, now);
  if (paused_) return;
  (activity_ == Activity::waiting ? waited_ : spent_) += time;
}

void ProgressMeter::update(const TransferProgress& progress, Time now, Activity activity) {
  let_pass(now);
  if (activity != Activity::waiting) {
    if (waited_ < kThinking) spent_ += waited_;
    waited_ = {};
  }
  const bool moved = progress.bytes_done != progress_.bytes_done || progress.bytes_moved != progress_.bytes_moved ||
                     progress.bytes_compared != progress_.bytes_compared ||
                     progress.files_done != progress_.files_done || progress.files_failed != progress_.files_failed ||
                     progress.files_total != progress_.files_total;
  const bool was_held = std::exchange(paused_, false) || activity_ != Activity::moving;
  if (moved || was_held) moved_at_ = now;
  changed_ = changed_ || moved;
  const bool begun_anew = progress.bytes_moved < progress_.bytes_moved;
  activity_ = activity;
  progress_ = progress;
  if (activity == Activity::waiting) return;
  if (begun_anew || (!samples_.empty() && now - samples_.back().time > kGap)) samples_.clear();
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

void ProgressMeter::pause(Time now) {
  let_pass(now);
  paused_ = true;
}

Activity ProgressMeter::activity(Time now) const {
  const bool moment = activity_ == Activity::waiting && waited_ + (now - told_at_) < kThinking;
  return moment ? Activity::moving : activity_;
}

bool ProgressMeter::due(Time now) const {
  const bool changed = changed_ || stalled(now) != stall_drawn_ || activity(now) != activity_drawn_;
  return changed && (!drawn_ || now - *drawn_ >= draw_every_);
}

void ProgressMeter::drawn(Time now) {
  drawn_ = now;
  stall_drawn_ = stalled(now);
  activity_drawn_ = activity(now);
  changed_ = false;
}

std::optional<double> ProgressMeter::rate() const {
  if (paused_ || activity_ == Activity::waiting || samples_.size() < 2) return std::nullopt;
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

std::optional<std::chrono::seconds> ProgressMeter::stalled(Time now) const {
  if (paused_ || activity_ != Activity::moving || now - moved_at_ < kStall) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(now - moved_at_);
}

}  // namespace parley::client

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "cli-client/files/event.h"

namespace parley::client {

// How fast a transfer is, and how long it will take. Pure: the time is given to it. Time in which nothing can move, as
// an answer or the connection is waited for, counts in no rate.
class ProgressMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `draw_every`: as close together as due() lets lines be.
  ProgressMeter(Time start, std::chrono::milliseconds draw_every)
      : draw_every_(draw_every), told_at_(start), moved_at_(start) {}

  void update(const TransferProgress& progress, Time now, Activity activity = Activity::moving);
  // There is no connection, until the next update().
  void pause(Time now);

  // Whether a line is to be drawn again: something has changed, and the last was drawn long enough ago.
  bool due(Time now) const;
  void drawn(Time now);
  // Something else that the line shows has changed.
  void touch() { changed_ = true; }

  // Bytes a second over the last seconds, of those that are moved, or while none is, of those that are compared;
  // nothing before there is something to go by. left() is of those that are moved.
  std::optional<double> rate() const;
  std::optional<std::chrono::seconds> left() const;
  // For how long nothing has moved that could; nullopt while that is not worth a word.
  std::optional<std::chrono::seconds> stalled(Time now) const;
  // How much time there was for what has moved.
  std::chrono::milliseconds spent() const { return std::chrono::duration_cast<std::chrono::milliseconds>(spent_); }

  const TransferProgress& progress() const { return progress_; }
  // `waiting` only when that lasts: the answers to small files are a moment each.
  Activity activity(Time now) const;

 private:
  struct Sample {
    Time time;
    std::uint64_t moved;
    std::uint64_t compared;
  };

  void let_pass(Time now);
  void sample(Time now);

  std::chrono::milliseconds draw_every_;
  TransferProgress progress_;
  Activity activity_ = Activity::moving;
  bool paused_ = false;
  Time told_at_;              // the last update() or pause()
  Time moved_at_;             // or could not, or had not to
  Time::duration waited_{0};  // for the answer that is waited for now
  Time::duration spent_{0};
  std::deque<Sample> samples_;  // over the last seconds
  bool compares_ = false;       // that is what is sampled
  std::optional<Time> drawn_;
  std::optional<std::chrono::seconds> stall_drawn_;
  Activity activity_drawn_ = Activity::moving;
  bool changed_ = true;
};

}  // namespace parley::client

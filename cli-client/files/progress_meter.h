#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "cli-client/files/event.h"

namespace parley::client {

// How fast a transfer is, and how long it will take. Pure: the time is given to it.
class ProgressMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `draw_every`: as close together as due() lets lines be.
  ProgressMeter(Time start, std::chrono::milliseconds draw_every) : start_(start), draw_every_(draw_every) {}

  void update(const TransferProgress& progress, Time now);

  // Whether a line is to be drawn again: something has changed, and the last was drawn long enough ago.
  bool due(Time now) const;
  void drawn(Time now);
  // Something else that the line shows has changed.
  void touch() { changed_ = true; }

  // Bytes a second over the last seconds, of those that are moved, or while none is, of those that are compared;
  // nothing before there is something to go by. left() is of those that are moved.
  std::optional<double> rate() const;
  std::optional<std::chrono::seconds> left() const;

  const TransferProgress& progress() const { return progress_; }
  Time start() const { return start_; }

 private:
  struct Sample {
    Time time;
    std::uint64_t moved;
    std::uint64_t compared;
  };

  void sample(Time now);

  Time start_;
  std::chrono::milliseconds draw_every_;
  TransferProgress progress_;
  std::deque<Sample> samples_;  // over the last seconds
  bool compares_ = false;       // that is what is sampled
  std::optional<Time> drawn_;
  bool changed_ = true;
};

}  // namespace parley::client

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "cli-client/files/event.h"

namespace parley::client {

// How fast a transfer is, how long it will take, and how to say so. Pure: the time is given to it.
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

  // Bytes a second over the last seconds; nothing before there is something to go by.
  std::optional<double> rate() const;
  std::optional<std::chrono::seconds> left() const;

  // "photos/1.jpg  45%  450 MB of 1.0 GB  12 MB/s  46 s left  3 of 10 files", at most `columns` wide: `name` is
  // shortened first, then what is last is left out. `name` is one line that is safe to show.
  std::string line(const std::string& name, std::size_t columns) const;
  // "10 files, 1.0 GB in 1 min 23 s (12 MB/s)"
  std::string summary(Time now) const;

 private:
  struct Sample {
    Time time;
    std::uint64_t bytes;
  };

  Time start_;
  std::chrono::milliseconds draw_every_;
  TransferProgress progress_;
  std::deque<Sample> samples_;  // of bytes moved, over the last seconds
  std::optional<Time> drawn_;
  bool changed_ = true;
};

}  // namespace parley::client

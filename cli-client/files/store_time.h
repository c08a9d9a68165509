#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "cli-client/base/clock.h"
#include "protocol/chat/record.h"

namespace parley::client {

// When files that have come whole are to be stored. Each wait for the disk takes milliseconds, on a slow one a third of
// a second, whatever the number of files: so they are stored together, as long as more come that do not depend on it.
// A sender that is not told apart what has been stored keeps it until then, and stops for want of room some time. One
// that is need not wait for the disk at all. Pure.
class StoreTime {
 public:
  // A sender that keeps to chat/1 keeps 4 MiB of CHUNKs, and 1 MiB of other records. Before these are full it is told
  // what it can forget.
  static constexpr std::size_t kMostChunkBytes = std::size_t{3} * 1024 * 1024;
  static constexpr std::size_t kMostOtherBytes = std::size_t{768} * 1024;
  // Without a record for so long: it may keep less, or wait for something that is stored.
  static constexpr std::chrono::milliseconds kQuiet{100};
  // Nor is anybody to wait longer than this to hear that a file is there.
  static constexpr std::chrono::seconds kLongest{2};
  // But where no sender waits for room, the disk has so many times as long to itself as it was waited for last.
  static constexpr int kRest = 8;
  static constexpr std::chrono::seconds kLongestRest{30};

  // Whether the sender keeps what has not been stored; so it is as long as nothing else is said.
  void set_sender_keeps(bool keeps) { sender_keeps_ = keeps; }
  // A record has come; `finished`: it was the last of a file, to be stored from now on.
  void came(chat::Type type, std::size_t body_bytes, bool finished);
  // It is `now`, as far as it was not when the last records came.
  void tick(TimePoint now);
  bool is_due(TimePoint now) const;
  // When it is due if nothing comes; nullopt: nothing waits.
  std::optional<TimePoint> deadline() const;
  // From `now` on it was waited for the disk, for so long.
  void stored(TimePoint now, TimePoint::duration took);

 private:
  bool waits_ = false;
  bool heard_ = false;  // since the last tick
  std::size_t chunk_bytes_ = 0;
  std::size_t other_bytes_ = 0;
  std::optional<TimePoint> first_;  // file that waits
  TimePoint last_{};                // record
  bool sender_keeps_ = true;
  TimePoint not_before_{};
};

}  // namespace parley::client

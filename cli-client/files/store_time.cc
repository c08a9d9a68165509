#include "cli-client/files/store_time.h"

#include <algorithm>

namespace parley::client {

void StoreTime::came(chat::Type type, std::size_t body_bytes, bool finished) {
  waits_ = waits_ || finished;
  if (!waits_) return;
  heard_ = true;
  (type == chat::Type::chunk ? chunk_bytes_ : other_bytes_) += chat::kHeaderBytes + body_bytes;
}

void StoreTime::tick(TimePoint now) {
  if (!heard_) return;
  heard_ = false;
  if (!first_) first_ = now;
  last_ = now;
}

bool StoreTime::is_due(TimePoint now) const {
  const auto at = deadline();
  const bool full = sender_keeps_ && (chunk_bytes_ >= kMostChunkBytes || other_bytes_ >= kMostOtherBytes);
  return waits_ && (full || (at && now >= *at));
}

std::optional<TimePoint> StoreTime::deadline() const {
  if (!first_) return std::nullopt;
  const TimePoint longest = *first_ + kLongest;
  return sender_keeps_ ? std::min(last_ + kQuiet, longest) : std::max(longest, not_before_);
}

void StoreTime::stored(TimePoint now, TimePoint::duration took) {
  const auto rest = std::min<TimePoint::duration>(took * kRest, kLongestRest);
  const bool sender_keeps = sender_keeps_;
  *this = StoreTime();
  sender_keeps_ = sender_keeps;
  not_before_ = now + took + rest;
}

}  // namespace parley::client

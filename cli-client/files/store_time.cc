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
  return waits_ && (chunk_bytes_ >= kMostChunkBytes || other_bytes_ >= kMostOtherBytes || (at && now >= *at));
}

std::optional<TimePoint> StoreTime::deadline() const {
  if (!first_) return std::nullopt;
  return std::min(last_ + kQuiet, *first_ + kLongest);
}

}  // namespace parley::client

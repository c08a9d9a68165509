#include "service/session/pacer.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace parley {

Pacer::Pacer(ShardContext& shard, Turn& turn, std::function<void()> go_on)
    : shard_(shard), turn_(turn), time_(shard.wheel, std::move(go_on)) {}

void Pacer::start(const classic::PublicKey& key) {
  static_assert(classic::kMaxKeyBits <= std::numeric_limits<std::uint16_t>::max());
  key_bits_ = static_cast<std::uint16_t>(key.bits());
  block_bytes_ = static_cast<std::uint16_t>(key.block_bytes());
}

bool Pacer::paces() const {
  if (block_bytes_ == 0) return false;
  switch (shard_.classic.pace) {
    case ClassicPace::always:
      return true;
    case ClassicPace::never:
      return false;
    case ClassicPace::automatic:
      break;
  }
  return key_bits_ < kBelowBits;
}

std::size_t Pacer::due(std::size_t queued) {
  if (!paces()) return queued;
  if (left_ == 0) {
    if (!turn_.taken && shard_.now() < turn_.has_read_by) {
      time_.set(turn_.has_read_by);
      return 0;
    }
    turn_.taken = false;
    left_ = block_bytes_;
  }
  return std::min<std::size_t>(queued, left_);
}

void Pacer::sent(std::size_t bytes, TimePoint now) {
  if (bytes == 0 || !paces()) return;
  left_ = static_cast<std::uint16_t>(left_ - std::min<std::size_t>(left_, bytes));
  turn_.has_read_by = now + kPace;
}

}  // namespace parley

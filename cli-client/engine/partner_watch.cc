#include "cli-client/engine/partner_watch.h"

#include <algorithm>

namespace parley::client {

void PartnerWatch::expect_word(TimePoint now) {
  met_ = false;
  stalls_at_ = now + kGreetingTime;
}

void PartnerWatch::met() {
  met_ = true;
  stalls_at_.reset();
}

void PartnerWatch::progress() {
  stall_ = kFirstStall;
  stalls_at_.reset();
}

void PartnerWatch::stop() {
  met_ = false;
  stalls_at_.reset();
}

bool PartnerWatch::stalled(bool outstanding, TimePoint now) {
  if (met_ && !outstanding) stalls_at_.reset();
  if (met_ && outstanding && !stalls_at_) stalls_at_ = now + stall_;
  if (!stalls_at_ || now < *stalls_at_) return false;
  if (met_) stall_ = std::min(stall_ * 2, kLongestStall);
  return true;
}

}  // namespace parley::client

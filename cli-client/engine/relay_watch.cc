#include "cli-client/engine/relay_watch.h"

#include <algorithm>

namespace parley::client {

void RelayWatch::begin(TimePoint now) {
  asked_at_.reset();
  welcome_by_ = now + kHelloTime;
}

RelayWatch::Verdict RelayWatch::look(TimePoint heard, TimePoint now) {
  if (welcome_by_ && now >= *welcome_by_) return Verdict::gone;
  if (now - heard < kQuiet) {
    asked_at_.reset();
    return Verdict::fine;
  }
  if (!asked_at_) {
    asked_at_ = now;
    return Verdict::ask;
  }
  return now >= *asked_at_ + kAnswerTime ? Verdict::gone : Verdict::fine;
}

TimePoint RelayWatch::deadline(TimePoint heard) const {
  const TimePoint next = asked_at_ ? *asked_at_ + kAnswerTime : heard + kQuiet;
  return welcome_by_ ? std::min(next, *welcome_by_) : next;
}

}  // namespace parley::client

#include "cli-client/engine/backoff.h"

#include <openssl/rand.h>

#include <algorithm>

namespace parley::client {

using std::chrono::milliseconds;

milliseconds Backoff::next(milliseconds longest) {
  step_ = std::min(step_, longest);
  const auto half = step_ / 2;
  const auto wait = half + up_to(half);
  step_ *= 2;
  return wait;
}

milliseconds Backoff::next_after_none() {
  const bool first = step_ == kShortest;
  const auto wait = next();
  return first ? milliseconds(0) : wait;
}

milliseconds Backoff::at_least(milliseconds told) const { return told + up_to(std::min(told / 2, kLongest)); }

milliseconds Backoff::up_to(milliseconds most) const {
  return milliseconds(random_(static_cast<unsigned>(most.count()) + 1));
}

unsigned random_below(unsigned limit) {
  unsigned value = 0;
  // Without randomness everybody waits equally long, which is no harm; TLS would refuse to go on anyway.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) return 0;
  return limit == 0 ? 0 : value % limit;
}

}  // namespace parley::client

#include "cli-client/engine/backoff.h"

#include <openssl/rand.h>

#include <algorithm>

namespace parley::client {

std::chrono::milliseconds Backoff::next() {
  const auto half = step_ / 2;
  const std::chrono::milliseconds wait = half + std::chrono::milliseconds(random_(unsigned(half.count()) + 1));
  step_ = std::min(step_ * 2, kLongest);
  return wait;
}

std::chrono::milliseconds Backoff::next_after_none() {
  const bool first = step_ == kShortest;
  const auto wait = next();
  return first ? std::chrono::milliseconds(0) : wait;
}

unsigned random_below(unsigned limit) {
  unsigned value = 0;
  // Without randomness everybody waits equally long, which is no harm; TLS would refuse to go on anyway.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) return 0;
  return limit == 0 ? 0 : value % limit;
}

}  // namespace parley::client

#pragma once

namespace parley::test {

// How often a random test repeats itself: a tenth where a sanitizer makes each round ten times as slow.
constexpr int rounds(int wanted) {
#ifdef PARLEY_SANITIZED
  return wanted / 10;
#else
  return wanted;
#endif
}

}  // namespace parley::test

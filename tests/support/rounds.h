#pragma once

namespace parley::test {

// How often a random test repeats itself: a tenth where a sanitizer makes each round ten times as slow.
constexpr int rounds(int wanted) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return wanted / 10;
#else
  return wanted;
#endif
}

}  // namespace parley::test

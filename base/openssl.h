#pragma once

#include <cstdio>
#include <cstdlib>

namespace parley {

// Deleter of a std::unique_ptr to what OpenSSL frees with `Free`.
template <auto Free>
struct OpensslFree {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};

// For what OpenSSL refuses only without memory or randomness: nothing can be kept secret or safe any more.
inline void must(bool done, const char* what) {
  if (!done) {
    std::fprintf(stderr, "OpenSSL failed: %s\n", what);
    std::abort();
  }
}

}  // namespace parley

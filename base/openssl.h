#pragma once

#include <cstdio>
#include <cstdlib>

namespace parley {

// For what OpenSSL refuses only without memory or randomness: nothing can be kept secret or safe any more.
inline void must(bool done, const char* what) {
  if (!done) {
    std::fprintf(stderr, "OpenSSL failed: %s\n", what);
    std::abort();
  }
}

}  // namespace parley

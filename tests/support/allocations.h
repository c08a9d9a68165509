#pragma once

#include <cstddef>

namespace parley::test {

// Counts this thread's calls of operator new since it was made. None is seen where kAreSeen is false: the operators of
// clang's ThreadSanitizer cannot be replaced.
class Allocations {
 public:
  static const bool kAreSeen;

  Allocations();
  std::size_t count() const;

 private:
  std::size_t before_;
};

}  // namespace parley::test

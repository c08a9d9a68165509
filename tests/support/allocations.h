#pragma once

#include <cstddef>

namespace parley::test {

// Counts this thread's calls of operator new since it was made.
class Allocations {
 public:
  Allocations();
  std::size_t count() const;

 private:
  std::size_t before_;
};

}  // namespace parley::test

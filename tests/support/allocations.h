#pragma once

#include <cstddef>
#include <string_view>

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

// While one lives, memory that this thread gives back with `mark` in it is noticed: a secret should have been wiped.
// At most one at a time; it sees nothing where Allocations does not.
class FreedWith {
 public:
  explicit FreedWith(std::string_view mark);
  ~FreedWith();
  FreedWith(const FreedWith&) = delete;
  FreedWith& operator=(const FreedWith&) = delete;
  // In so many blocks.
  std::size_t count() const;
};

}  // namespace parley::test

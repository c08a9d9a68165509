#include "tests/support/allocations.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {
thread_local std::size_t made = 0;
thread_local std::string_view wanted;  // in what is given back
thread_local std::size_t found = 0;
}  // namespace

#ifdef PARLEY_THREAD_SANITIZER
const bool parley::test::Allocations::kAreSeen = false;
#else
const bool parley::test::Allocations::kAreSeen = true;

namespace {

void* allocate(std::size_t bytes) noexcept {
  ++made;
  return std::malloc(bytes == 0 ? 1 : bytes);
}

void give_back(void* memory) noexcept {
  if (memory != nullptr && !wanted.empty()) {
    const std::string_view bytes(static_cast<const char*>(memory), malloc_usable_size(memory));
    if (bytes.find(wanted) != bytes.npos) ++found;
  }
  std::free(memory);
}

void* allocate_or_throw(std::size_t bytes) {
  if (void* const memory = allocate(bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// All but the over-aligned ones, which AddressSanitizer would otherwise pair with its own.
void* operator new(std::size_t bytes) { return allocate_or_throw(bytes); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { give_back(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { give_back(memory); }
#endif

namespace parley::test {

Allocations::Allocations() : before_(made) {}

std::size_t Allocations::count() const { return made - before_; }

FreedWith::FreedWith(std::string_view mark) {
  found = 0;
  wanted = mark;
}

FreedWith::~FreedWith() { wanted = {}; }

std::size_t FreedWith::count() const { return found; }

}  // namespace parley::test

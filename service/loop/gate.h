#pragma once

#include <asio/co_spawn.hpp>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "service/loop/asio.h"
#include "service/loop/event.h"

namespace parley {

// Stops new coroutines from starting, and tells when every one that was started through it has ended. Nothing runs
// without one, so that whatever a coroutine uses can outlive it. Owned by one thread.
// The shape is Seastar's (include/seastar/core/gate.hh).
class Gate {
 public:
  Gate() = default;
  // What is inside uses what is about to go: close() first, or wait_empty().
  ~Gate() { assert(inside_ == 0 && "gate destroyed with a coroutine inside"); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // False once close() has been called: then `work` is destroyed without having begun, and what it was given with it.
  bool spawn(const Executor& executor, awaitable<void> work) {
    if (closed_) return false;
    ++inside_;
    asio::co_spawn(executor, std::move(work), [this](std::exception_ptr failure) {
      // What peers cause is a value; an exception here is a bug or memory exhausted: let it end the process.
      if (failure) std::rethrow_exception(failure);
      if (--inside_ == 0) empty_.notify();
    });
    return true;
  }

  std::size_t inside() const { return inside_; }
  bool closed() const { return closed_; }

  // Returns once nothing is inside; more may come in afterwards. One waiter at a time.
  awaitable<void> wait_empty() {
    while (inside_ != 0) co_await empty_.wait();
  }

  // For good: nothing comes in from this call on, also before what it gives is awaited, which is as wait_empty().
  awaitable<void> close() {
    closed_ = true;
    return wait_empty();
  }

 private:
  std::uint32_t inside_ = 0;
  bool closed_ = false;
  Event empty_;
};

}  // namespace parley

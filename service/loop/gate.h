#pragma once

#include <asio/co_spawn.hpp>
#include <cassert>
#include <cstddef>
#include <exception>
#include <utility>

#include "service/loop/asio.h"
#include "service/loop/event.h"

namespace parley {

// Tells when every coroutine that was started through it has ended. Nothing runs without one, so that whatever
// a coroutine uses can outlive it. Owned by one thread.
class Gate {
 public:
  Gate() = default;
  ~Gate() { assert(inside_ == 0 && "gate destroyed with a coroutine inside"); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void spawn(const Executor& executor, awaitable<void> work) {
    ++inside_;
    asio::co_spawn(executor, std::move(work), [this](std::exception_ptr failure) {
      // What peers cause is a value; an exception here is a bug or memory exhausted: let it end the process.
      if (failure) std::rethrow_exception(failure);
      if (--inside_ == 0) empty_.notify();
    });
  }

  std::size_t inside() const { return inside_; }

  // Returns once nothing is inside. One waiter at a time.
  awaitable<void> wait_empty() {
    while (inside_ != 0) co_await empty_.wait();
  }

 private:
  std::size_t inside_ = 0;
  Event empty_;
};

}  // namespace parley

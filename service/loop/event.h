#pragma once

#include <asio/async_result.hpp>
#include <asio/post.hpp>
#include <cassert>
#include <optional>
#include <utility>

#include "service/loop/asio.h"

namespace parley {

// Wakes one coroutine of the same thread. notify() before wait() is remembered, once. Allocates nothing.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // The coroutine goes on through the io_context, never from within this call.
  void notify() {
    if (!waiter_) {
      set_ = true;
      return;
    }
    asio::post(take());
  }

  // The coroutine goes on within this call: for event loops alone, which have nothing on their stack that it could
  // pull away from under them.
  void resume() {
    if (!waiter_) {
      set_ = true;
      return;
    }
    take()();
  }

  // Forgets a notify() that nobody has waited for.
  void clear() { set_ = false; }

  // At most one coroutine waits at a time. Not a coroutine itself: a frame for each that waits would be a good part of
  // what an idle connection holds.
  awaitable<void> wait() {
    if (std::exchange(set_, false)) return no_wait();
    return asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
        [this](auto handler) {
          assert(!waiter_ && !set_);
          waiter_.emplace(std::move(handler));
        },
        use_awaitable);
  }

 private:
  using Waiter = asio::async_result<asio::use_awaitable_t<Executor>, void()>::handler_type;

  Waiter take() {
    Waiter waiter = std::move(*waiter_);
    waiter_.reset();
    return waiter;
  }

  std::optional<Waiter> waiter_;
  bool set_ = false;
};

}  // namespace parley

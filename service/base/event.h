#pragma once

#include <asio/async_result.hpp>
#include <asio/post.hpp>
#include <memory>
#include <utility>

#include "base/asio.h"

namespace parley {

// Wakes one coroutine of the same thread. notify() before wait() is remembered, once.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void notify() {
    if (!waiter_) {
      set_ = true;
      return;
    }
    std::exchange(waiter_, nullptr)->resume();
  }

  // At most one coroutine waits at a time. Resumes through the io_context, never from within notify().
  awaitable<void> wait() {
    if (set_) {
      set_ = false;
      co_return;
    }
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
        [this](auto handler) { waiter_ = std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler)); },
        use_awaitable);
  }

 private:
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void resume() = 0;
  };
  template <class Handler>
  struct WaiterOf final : Waiter {
    explicit WaiterOf(Handler h) : handler(std::move(h)) {}
    void resume() override { asio::post(std::move(handler)); }
    Handler handler;
  };

  std::unique_ptr<Waiter> waiter_;
  bool set_ = false;
};

}  // namespace parley

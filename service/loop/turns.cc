#include "service/loop/turns.h"

#include <asio/post.hpp>
#include <utility>

namespace parley {

awaitable<void> Turns::wait(const std::string& address) {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
      [this, &address](auto handler) { add(address, std::move(handler)); }, use_awaitable);
}

void Turns::add(const std::string& address, Waiter waiter) {
  waiting_.push(address, std::move(waiter));
  if (!std::exchange(giving_, true)) asio::post(io_, [this] { give(); });
}

void Turns::give() {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  do {
    waiting_.pop()();
  } while (!waiting_.empty() && std::chrono::steady_clock::now() < end);
  giving_ = !waiting_.empty();
  if (giving_) asio::post(io_, [this] { give(); });
}

}  // namespace parley

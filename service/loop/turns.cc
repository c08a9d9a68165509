#include "service/loop/turns.h"

#include <asio/post.hpp>

namespace parley {

awaitable<void> Turns::wait(const std::string& address) {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
      [this, &address](auto handler) { add(address, std::move(handler)); }, use_awaitable);
}

void Turns::add(const std::string& address, Waiter waiter) {
  const auto [entry, is_new] = by_address_.try_emplace(address);
  if (is_new) entry->second = lines_.insert(lines_.end(), Line{address, {}});
  entry->second->waiters.push_back(std::move(waiter));
  if (!std::exchange(giving_, true)) asio::post(io_, [this] { give(); });
}

Turns::Waiter Turns::take() {
  const auto line = lines_.begin();
  Waiter waiter = std::move(line->waiters.front());
  line->waiters.pop_front();
  if (line->waiters.empty()) {
    by_address_.erase(line->address);
    lines_.erase(line);
  } else {
    lines_.splice(lines_.end(), lines_, line);
  }
  return waiter;
}

void Turns::give() {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  do {
    take()();
  } while (!lines_.empty() && std::chrono::steady_clock::now() < end);
  giving_ = !lines_.empty();
  if (giving_) asio::post(io_, [this] { give(); });
}

}  // namespace parley

#pragma once

#include <asio/async_result.hpp>
#include <chrono>
#include <string>

#include "base/fair_queue.h"
#include "service/loop/asio.h"

namespace parley {

// For who has had its turn and has more to do at once. What comes anew goes first: those who wait here go on a little
// at a time, and between that the loop looks at its sockets again. They take turns by address, so that many connections
// of one take nothing from the others. Owned by one shard.
class Turns {
 public:
  explicit Turns(asio::io_context& io) : io_(io) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // Returns when it is this address's turn.
  awaitable<void> wait(const std::string& address);

 private:
  using Waiter = asio::async_result<asio::use_awaitable_t<Executor>, void()>::handler_type;

  // So long at a time: what a socket that has something new waits for at most, with one turn on top.
  static constexpr std::chrono::microseconds kSlice{100};

  void add(const std::string& address, Waiter waiter);
  void give();

  asio::io_context& io_;
  FairQueue<Waiter> waiting_;  // by address
  bool giving_ = false;        // give() is to come
};

}  // namespace parley

#pragma once

#include <asio/basic_socket_acceptor.hpp>
#include <asio/ip/tcp.hpp>
#include <functional>

#include "base/descriptor.h"
#include "base/net/listen.h"
#include "service/loop/asio.h"
#include "service/loop/clock.h"
#include "service/net/address.h"

namespace parley {

// A socket for a Listener. Throws std::runtime_error with one line that says what is wrong and how to mend it.
Descriptor listen_at(const Endpoint& endpoint, Sharing sharing);

// Accepts at one address for one shard.
class Listener {
 public:
  using OnConnection = std::function<void(Descriptor socket, const sockaddr_storage& peer)>;
  using OnExhausted = std::function<void()>;

  // on_connection is given a non-blocking socket. on_exhausted: a connection was refused since no descriptor or
  // memory was left for it.
  Listener(asio::io_context& io, Descriptor socket, OnConnection on_connection, OnExhausted on_exhausted);

  // Accepts until close().
  awaitable<void> run();
  void close();

 private:
  enum class Accepted { one, none, exhausted };
  Accepted accept_one();
  void shed_one();

  asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
  asio::io_context& io_;
  OnConnection on_connection_;
  OnExhausted on_exhausted_;
  // Given up for a moment when there is no other, so that the connection at the head of the queue can be
  // accepted and closed instead of keeping the listener ready for ever.
  Descriptor spare_;
};

}  // namespace parley

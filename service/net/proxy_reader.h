#pragma once

#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "service/loop/asio.h"
#include "service/loop/poller.h"
#include "service/net/proxy_header.h"

namespace parley {

// Reads the PROXY header that a new connection begins with, and not a byte more. Owned by the shard whose poller it
// uses; gone before anything else reads from the socket.
class ProxyReader {
 public:
  ProxyReader(Poller& poller, int socket) : watch_(poller, socket), socket_(socket) {}

  // The error says why there is none, for the log.
  awaitable<tl::expected<ProxyHeader, std::string_view>> read();
  // Makes read() return without one.
  void give_up();

 private:
  tl::expected<std::optional<ProxyHeader>, std::string_view> look();

  Poller::Watch watch_;
  const int socket_;
  bool given_up_ = false;
};

}  // namespace parley

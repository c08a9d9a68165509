#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/descriptor.h"
#include "cli-client/base/clock.h"
#include "cli-client/net/address.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/tcp_attempt.h"

namespace parley::client {

struct TcpConnection {
  Descriptor socket;  // as TcpAttempt leaves it
  Address address;
};

// An endpoint's addresses, tried in turn, each for its share of the time, until one takes the connection. Nothing
// blocks: advance() is called at once, and then when wanted() or deadline() says so.
class TcpConnect {
 public:
  // `timeout` counts from `begun`; nullopt: as long as the system tries.
  TcpConnect(Endpoint endpoint, std::vector<Address> addresses, std::optional<std::chrono::milliseconds> timeout,
             TimePoint begun);

  pollfd wanted() const { return attempt_ ? attempt_->wanted() : pollfd{-1, 0, 0}; }
  std::optional<TimePoint> deadline() const { return attempt_ ? attempt_->deadline() : std::nullopt; }

  // The connection, once there is one; an error when there will be none, which names the endpoint, the cause and the
  // remedy, for the user to read. Not to be called after either.
  using Result = tl::expected<TcpConnection, std::string>;
  std::optional<Result> advance(short events, TimePoint now);

 private:
  struct Failure {
    std::string address;
    int error;  // errno
  };

  std::string explain() const;

  const Endpoint endpoint_;
  const std::vector<Address> addresses_;
  const std::optional<std::chrono::milliseconds> timeout_;
  const TimePoint begun_;
  std::size_t next_ = 0;  // of addresses_
  std::optional<TcpAttempt> attempt_;
  std::vector<Failure> failures_;
};

// The same for who has nothing else to do meanwhile.
TcpConnect::Result connect(const Endpoint& endpoint, const std::vector<Address>& addresses,
                           std::optional<std::chrono::milliseconds> timeout);

}  // namespace parley::client

#pragma once

#include <poll.h>

#include <optional>

#include "base/descriptor.h"
#include "cli-client/base/clock.h"
#include "cli-client/net/address.h"

namespace parley::client {

// One address that is being tried: a TCP connection under way. A value, and independent of any other, so that several
// may be under way at once.
class TcpAttempt {
 public:
  // Given up at `deadline`; nullopt: when the system does. Does not block.
  TcpAttempt(const Address& address, std::optional<TimePoint> deadline);

  const Address& address() const { return address_; }
  pollfd wanted() const { return {socket_.get(), POLLOUT, 0}; }
  std::optional<TimePoint> deadline() const { return deadline_; }

  // Once it is known whether there is a connection: 0, or the errno of why there is none. `events` are those that
  // poll(2) has for wanted(). To be called once after construction: it may have failed already.
  std::optional<int> advance(short events, TimePoint now);

  // After advance() gave 0: non-blocking, without Nagle's delay, with keep-alive.
  Descriptor take_socket() { return std::move(socket_); }

 private:
  Address address_;
  std::optional<TimePoint> deadline_;
  Descriptor socket_;
  int error_ = 0;  // of the beginning
};

}  // namespace parley::client

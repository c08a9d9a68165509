#pragma once

#include <poll.h>

#include <optional>
#include <utility>

#include "base/descriptor.h"
#include "cli-client/net/address.h"
#include "cli-client/net/connection_fault.h"

namespace parley::client {

// A TCP connection to one address that is under way. A value, and independent of any other, so that several may be
// under way at once. The system gives it up after some minutes.
class TcpAttempt {
 public:
  // Does not block.
  explicit TcpAttempt(const Address& address);

  pollfd wanted() const { return {socket_.get(), POLLOUT, 0}; }

  // Once it is known whether there is a connection: 0, or the errno of why there is none. `events` are those that
  // poll(2) has for wanted() at this time. To be called once after construction: it may have failed already.
  std::optional<int> advance(short events);
  // Why there is none: `error` is of advance(), or ETIMEDOUT.
  ConnectionFault fault(int error) const;

  // After advance() gave 0: non-blocking, without Nagle's delay, with keep-alive.
  Descriptor take_socket() { return std::move(socket_); }

 private:
  Address address_;
  Descriptor socket_;
  int error_ = 0;  // of the beginning
};

}  // namespace parley::client

#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "cli-client/base/clock.h"
#include "cli-client/net/address.h"
#include "cli-client/net/attempt.h"
#include "cli-client/net/connection_fault.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/poll_set.h"

namespace parley::client {

// The order to try them in: each once; `first`, if it is among them, first; then families in turn, beginning with that
// of the resolver's first, and each in the resolver's order (RFC 8305 section 4).
std::vector<Address> in_racing_order(const std::vector<Address>& resolved, const std::optional<Address>& first);

// A relay's addresses, tried so that one that is silent delays nobody ("Happy Eyeballs", RFC 8305 section 5): the next
// begins when the last has had 250 ms, or one has failed; the first to hear the relay's first word has won, and the
// others are closed. Nothing blocks: advance() is called at once, and then when wanted() or deadline() says so.
class Race {
 public:
  // `where`: what to call this address in what is said of it.
  using Begin = std::function<std::unique_ptr<Attempt>(const Address& address, const std::string& where)>;

  // `addresses`: in their order, at least one. `timeout` counts from `begun`, and is for all of them; nullopt: none.
  Race(Endpoint relay, std::vector<Address> addresses, std::optional<std::chrono::milliseconds> timeout,
       TimePoint begun, Begin begin, TimePoint now);

  pollfd wanted() const { return ready_.wanted(); }
  std::optional<TimePoint> deadline() const;

  struct Winner {
    std::unique_ptr<Attempt> attempt;  // of those that `begin` has made
    Address address;
  };
  // The winner, once there is one; a fault when there will be none, which names each address and its cause, and is of
  // the kind that matters most: a certificate that is refused is only the end when no other address does. Not to be
  // called after either.
  using Result = tl::expected<Winner, ConnectionFault>;
  std::optional<Result> advance(TimePoint now);

 private:
  struct Runner {
    std::unique_ptr<Attempt> attempt;
    Address address;
  };
  struct Failure {
    Address address;
    ConnectionFault fault;
  };

  std::optional<Winner> advance_runners(TimePoint now);
  std::optional<Winner> begin_next(TimePoint now);
  std::optional<Winner> advance_runner(Runner& runner, short events, TimePoint now);
  std::vector<pollfd> wanted_by_runners() const;
  ConnectionFault explain();

  const Endpoint relay_;
  const std::vector<Address> addresses_;
  const std::optional<std::chrono::milliseconds> timeout_;
  const std::optional<TimePoint> ends_at_;
  const Begin begin_;
  const Clock::duration head_start_;
  std::size_t next_ = 0;  // of addresses_
  TimePoint next_at_;
  std::vector<Runner> runners_;
  std::vector<Failure> failures_;
  PollSet ready_;
};

}  // namespace parley::client

#pragma once

#include <poll.h>

#include <tl/expected.hpp>

#include "cli-client/base/clock.h"
#include "cli-client/net/connection_fault.h"

namespace parley::client {

// One address of a relay that is being tried, up to the relay's first word: what only the right relay can say, or at
// least no other server. Independent of any other, so that several may be under way at once; see Race. Nothing blocks.
// Whoever lets go of it closes the connection.
class Attempt {
 public:
  virtual ~Attempt() = default;

  virtual pollfd wanted() const = 0;
  // Whether the first word has come; or why it will not. `events` are those that poll(2) has for wanted() at this time.
  // To be called once after construction: it may have failed already.
  virtual tl::expected<bool, ConnectionFault> advance(short events, TimePoint now) = 0;
  // No other is left, and none will be begun: what must not be said to several relays may be said now, if that helps.
  virtual void on_alone(TimePoint) {}
  // Why it has not come yet, for when there is no more time.
  virtual ConnectionFault late() const = 0;
};

}  // namespace parley::client

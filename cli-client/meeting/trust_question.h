#pragma once

#include "cli-client/engine/link.h"
#include "cli-client/meeting/plan.h"

namespace parley::client {

// When it ended for want of trust in a relay that nobody vouches for: asks on the terminal whether it is to be trusted,
// and remembers that, and puts its pin into the plan. False when it is not; without a terminal the reason is printed
// instead.
bool trust_after_asking(Plan& plan, const Outcome& outcome);

}  // namespace parley::client

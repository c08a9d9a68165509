#pragma once

#include <system_error>

#include "cli-client/engine/link.h"

namespace parley::client {

// How a conversation ends that the other side, or the relay between, has broken: `error` is of chat::Errc, and one
// after which there is no going on.
Outcome outcome_of(std::error_code error);

}  // namespace parley::client

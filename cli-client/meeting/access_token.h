#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "cli-client/meeting/refusal.h"

namespace parley::client {

// The token for a relay that asks for one: the first line of `file`, or with `from_environment` what
// PARLEY_ACCESS_TOKEN says. nullopt: there is none. The environment's may be for another relay than the one in an
// invite, which somebody else has chosen: only for one that the user has named.
tl::expected<std::optional<std::string>, Refusal> read_access(const std::string& file, bool from_environment);

}  // namespace parley::client

#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "cli-client/meeting/refusal.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/settings/settings.h"

namespace parley::client {

// The token for a relay that asks for one: the first line of `file`, or what the settings have for this relay:
// PARLEY_ACCESS_TOKEN, which is the token itself, or a file. nullopt: there is none. The relay of an invite has been
// chosen by somebody else: one that the user has not named, now (`is_named`) or by the settings, gets no token of them.
tl::expected<std::optional<std::string>, Refusal> read_access(const std::string& file, const Settings& settings,
                                                              const Endpoint& relay, bool is_named);

}  // namespace parley::client

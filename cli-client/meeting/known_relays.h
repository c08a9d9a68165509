#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli-client/net/endpoint.h"
#include "cli-client/net/trust.h"

namespace parley::client {

// The relays that the user has decided to trust, as ssh keeps its known hosts: in $XDG_CONFIG_HOME/parley/known_relays,
// or below ~/.config, a line each, "HOST:PORT sha256:PIN". Empty lines and those with # are left alone.

// Empty when there is no home.
std::string known_relays_path();

// What is remembered of it; the first line counts. Lines that make no sense are warned of on standard error.
std::optional<Trust::Remembered> find_known_relay(const Endpoint& relay);

// All of them, in the order of the lines.
std::vector<Endpoint> known_relays();

// Adds it. The error is for the user to read: which file, and why not.
std::optional<std::string> remember_relay(const Endpoint& relay, const Pin& pin);

}  // namespace parley::client

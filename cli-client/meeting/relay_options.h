#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "cli-client/meeting/refusal.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/trust.h"
#include "protocol/chat/invite.h"

namespace parley::client {

constexpr std::uint16_t kRelayPort = chat::kDefaultPort;

// The options of every command that goes to a relay.
struct RelayOptions {
  std::string relay;
  std::string ca;
  std::string pin;
  std::string access_file;
  std::string client_cert;
  std::string client_key;
  std::string timeout = "10s";

  std::chrono::milliseconds connect_limit() const;  // what `timeout` says, and a long time for none
};
void add_relay_options(CLI::App& command, RelayOptions& options);

// What CLI11 wants of a check of times.
extern const CLI::Validator kTimeCheck;

// An option, or else what the environment says; empty without either.
std::string or_environment(const std::string& given, const char* name);

tl::expected<Endpoint, Refusal> read_relay(const std::string& text);
tl::expected<Pin, Refusal> read_pin(const std::string& text);
// By what the user names: --pin, the invite's pin, --ca, PARLEY_PIN, PARLEY_CA, the first of these that there is; and
// only without any by this system's authorities and what is remembered of the relay.
tl::expected<Trust, Refusal> make_trust(const RelayOptions& options, const Endpoint& relay,
                                        const std::optional<Pin>& of_invite);

}  // namespace parley::client

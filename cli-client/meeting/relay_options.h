#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "cli-client/meeting/refusal.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/trust.h"
#include "cli-client/settings/settings.h"
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

// An option, or else what is set; empty without either.
std::string or_set(const std::string& given, const Settings& settings, std::string_view name);

tl::expected<Endpoint, Refusal> read_relay(const std::string& text);
tl::expected<Pin, Refusal> read_pin(const std::string& text);
// By what the user names: --pin, the invite's pin, --ca, what the environment says, what the file says of this relay,
// the first of these that says something (of the last two the pin before the authorities); and only without any by this
// system's authorities and what is remembered of the relay.
tl::expected<Trust, Refusal> make_trust(const RelayOptions& options, const Settings& settings, const Endpoint& relay,
                                        const std::optional<Pin>& of_invite);

}  // namespace parley::client

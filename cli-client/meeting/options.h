#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/secret.h"
#include "cli-client/base/exit_status.h"
#include "cli-client/engine/engine.h"
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
};
void add_relay_options(CLI::App& command, RelayOptions& options);

// And of those that meet somebody there.
struct MeetingOptions {
  RelayOptions relay;
  std::string invite;  // as it was given: parley://..., or - for standard input
  std::string invite_file;
  std::string room;
  std::string name;
  std::string wait;  // empty: as the command has it
  bool qr = false;
};
void add_meeting_options(CLI::App& command, MeetingOptions& options);

// --relay, or else PARLEY_RELAY; empty without either.
std::string relay_for_new_invite(const MeetingOptions& options);

struct Refusal {
  ExitStatus status;
  std::string text;
};

// What the options come to.
struct Plan {
  Meeting meeting;
  Trust trust;
  Patience patience;
  std::string name;
  std::optional<chat::Invite> made;  // a new one, to be shown; the relay's pin is still to be put in, see show_pin()
};

// How long a command that nobody watches waits for the other to come back.
inline constexpr std::chrono::minutes kComeBackWithin{10};

// `given` is the invite from the command line, which is not in `options` any more. `again`: how long to wait for
// somebody who is lost, unless --wait says otherwise.
tl::expected<Plan, Refusal> make_plan(const MeetingOptions& options, const std::optional<SecretText>& given,
                                      std::optional<std::chrono::milliseconds> again);
tl::expected<Trust, Refusal> make_trust(const RelayOptions& options, const Endpoint& relay,
                                        const std::optional<Pin>& of_invite);
// `from_environment`: the user has named the relay, so the environment's token may be for it.
tl::expected<std::optional<std::string>, Refusal> read_access(const RelayOptions& options, bool from_environment);
tl::expected<Endpoint, Refusal> relay_of(const std::string& text);

// The new invite, once the relay has shown who it is.
SecretText invite_text(const Plan& plan, const Engine& engine);

// When it ended for want of trust in a relay that nobody vouches for: asks on the terminal whether it is to be trusted,
// and remembers that, and puts its pin into the plan. False when it is not; without a terminal the reason is printed
// instead.
bool trust_after_asking(Plan& plan, const Outcome& outcome);

// What CLI11 wants of a check of times.
extern const CLI::Validator kTimeCheck;

}  // namespace parley::client

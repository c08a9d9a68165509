#pragma once

#include <string>

#include "cli-client/meeting/relay_options.h"
#include "cli-client/settings/settings.h"

namespace parley::client {

// The options of every command that meets somebody at a relay.
struct MeetingOptions {
  RelayOptions relay;
  std::string invite;          // as it was given: parley://..., or - for standard input
  bool or_new_invite = false;  // asked for one, Enter alone makes a new one
  std::string invite_file;
  std::string room;
  std::string name;
  std::string wait;  // empty: as the command has it
  bool qr = false;

  // --relay, or else the one that is set; empty without either.
  std::string relay_for_new_invite(const Settings& settings) const { return or_set(relay.relay, settings, "relay"); }
};

}  // namespace parley::client

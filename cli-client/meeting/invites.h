#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/secret.h"
#include "cli-client/meeting/refusal.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/trust.h"
#include "protocol/chat/invite.h"

// Invites: how one is given to this program, and how a new one is made and shown.
namespace parley::client {

// An invite among the arguments, taken out of them: what is left there, and what ps(1) shows from now on, is only
// "parley://". nullopt: there is none. The error is for the user: a blank has cut it into several, all of them taken
// out.
tl::expected<std::optional<SecretText>, std::string> take_given_invite(int argc, char** argv);

// An argument that is an invite, or what take_given_invite() left of it, or - for one on standard input.
bool stands_for_invite(std::string_view argument);

// Where the options say that an invite is. However it is given, what PastedInvite drops does not matter.
struct InviteSource {
  // What stands_for_invite(), or nothing. "-" reads standard input up to the end of the line that an invite ends in;
  // on a terminal it asks, without showing what is typed, until it is one.
  std::string argument;
  std::string file;     // as "-" of standard input
  bool or_new = false;  // asked for one, Enter alone stands for none: a new one is made
};

// `given`: what was taken out of the arguments. nullopt: none.
tl::expected<std::optional<chat::Invite>, Refusal> read_invite(const InviteSource& source,
                                                               const std::optional<SecretText>& given);

// A new one for this relay: here alone, since a relay that an invite cannot name is to be refused before anything else.
tl::expected<chat::Invite, Refusal> make_invite(const Endpoint& relay);

// On standard error. `command` is what the other side is to run, "receive"; on a terminal the invite is shown as that,
// to be copied.
void say_invite(std::string_view command, std::string_view text, bool qr);

}  // namespace parley::client

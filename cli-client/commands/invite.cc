#include "cli-client/commands/commands.h"

#include <cstdio>
#include <memory>
#include <string>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/meeting/known_relays.h"
#include "cli-client/meeting/options.h"
#include "cli-client/terminal/qr_code.h"

namespace parley::client {
namespace {

struct InviteArguments {
  std::string relay;
  std::string pin;
  bool qr = false;
  bool json = false;
};

int run_invite(const InviteArguments& arguments) {
  const auto fail = [](const std::string& text) {
    say(text);
    return static_cast<int>(ExitStatus::usage);
  };
  if (arguments.relay.empty()) return fail("which relay? Give --relay HOST[:PORT], or set PARLEY_RELAY");
  const auto relay = relay_of(arguments.relay);
  if (!relay) return fail(relay.error().text);
  chat::Invite invite = chat::Invite::make(relay->host, relay->port);
  if (!arguments.pin.empty()) {
    invite.pin = parse_pin(arguments.pin);
    if (!invite.pin) return fail("bad pin: it is sha256: and 43 letters, digits, - or _");
  } else if (const auto known = find_known_relay(*relay)) {
    // It was asked about as no authority vouches for it: the other side needs the pin as well.
    invite.pin = known->pin;
  }
  const SecretText text = invite.text();
  // What is printed must be an invite that can be read: a host's name may be none that invites allow.
  if (const auto read = chat::Invite::parse(text.reveal()); !read) {
    return fail("no invite can name the relay \"" + escape(relay->host) +
                "\": write a name of letters, digits, dots and hyphens, or an address");
  }
  const std::string code = arguments.qr ? qr_code(text.reveal()) : "";
  if (arguments.json) std::fputs(code.c_str(), stderr);
  SecretText out(code.size() + text.reveal().size() + 32);
  if (!arguments.json) out.append(code);
  if (arguments.json) out.append("{\"invite\":\"");
  out.append(text.reveal());
  out.append(arguments.json ? "\"}\n" : "\n");
  return print_out(out.reveal());
}

}  // namespace

void add_invite_command(CLI::App& app, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("invite",
                                         "Make an invite and print it. It is all that the two need, and a secret:\n"
                                         "who has it can take the place of either.");
  const auto arguments = std::make_shared<InviteArguments>();
  command->add_option("--relay", arguments->relay, "Where the relay is; the port is 10443 unless given")
      ->type_name("HOST[:PORT]")
      ->envname("PARLEY_RELAY");
  command->add_option("--pin", arguments->pin, "The relay's key, for one whose certificate is of no known authority")
      ->type_name("PIN")
      ->envname("PARLEY_PIN");
  command->add_flag("--qr", arguments->qr, "Show it as a QR code too");
  command->add_flag("--json", arguments->json, "Print it as JSON");
  command->callback([arguments, &run] { run = [arguments] { return run_invite(*arguments); }; });
}

}  // namespace parley::client

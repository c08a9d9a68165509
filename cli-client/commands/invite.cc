#include "cli-client/commands/commands.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/meeting/known_relays.h"
#include "cli-client/meeting/relay_options.h"
#include "cli-client/terminal/qr_code.h"

namespace parley::client {
namespace {

struct InviteArguments {
  std::string relay;
  std::string pin;
  bool qr = false;
  bool json = false;
};

int print(std::string_view invite, bool qr, bool json) {
  const std::string code = qr ? qr_code(invite) : "";
  if (json) std::fputs(code.c_str(), stderr);
  SecretText out(code.size() + invite.size() + 32);
  if (!json) out.append(code);
  if (json) out.append("{\"invite\":\"");
  out.append(invite);
  out.append(json ? "\"}\n" : "\n");
  return print_out(out.reveal());
}

int run_invite(const InviteArguments& arguments) {
  const auto fail = [](const Refusal& refusal) {
    say(refusal.text);
    return static_cast<int>(refusal.status);
  };
  if (arguments.relay.empty()) return fail(usage("which relay? Give --relay HOST[:PORT], or set PARLEY_RELAY"));
  const auto relay = read_relay(arguments.relay);
  if (!relay) return fail(relay.error());
  auto invite = make_invite(*relay);
  if (!invite) return fail(invite.error());
  if (!arguments.pin.empty()) {
    const auto given = read_pin(arguments.pin);
    if (!given) return fail(given.error());
    invite->pin = *given;
  } else if (const auto known = find_known_relay(*relay)) {
    // It was asked about as no authority vouches for it: the other side needs the pin as well.
    invite->pin = known->pin;
  }
  return print(invite->text().reveal(), arguments.qr, arguments.json);
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

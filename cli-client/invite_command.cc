#include "invite_command.h"

#include <cstdio>
#include <memory>
#include <string>

#include "meeting_options.h"
#include "news.h"
#include "qr_code.h"

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
  }
  const chat::SecretText text = invite.text();
  // What is printed must be an invite that can be read: a host's name may be none that invites allow.
  if (const auto read = chat::Invite::parse(text.reveal()); !read) return fail(read.error());
  if (arguments.qr) std::fputs(qr_code(text.reveal()).c_str(), arguments.json ? stderr : stdout);
  std::printf(arguments.json ? "{\"invite\":\"%.*s\"}\n" : "%.*s\n", static_cast<int>(text.reveal().size()),
              text.reveal().data());
  return std::fflush(stdout) == 0 ? 0 : fail("cannot write to standard output");
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

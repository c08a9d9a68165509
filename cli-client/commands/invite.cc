#include "cli-client/commands/commands.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli-client/base/json_line.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/meeting/known_relays.h"
#include "cli-client/meeting/relay_options.h"
#include "cli-client/terminal/qr_code.h"

namespace parley::client {
namespace {

constexpr const char* kInviteExamples =
    R"(Examples:
  parley invite --relay relay.example.org >invite
  parley send photos/ --invite-file invite      and elsewhere:
  parley receive --invite-file invite           with a copy of the file)";

struct InviteArguments {
  std::string relay;
  std::string pin;
  bool qr = false;
  bool json = false;
};

int print(std::string_view invite, bool qr, bool json) {
  constexpr std::size_t kLinesBelow = 3;  // of an invite with a pin, and the shell's
  const Screen screen(json ? STDERR_FILENO : STDOUT_FILENO);
  const std::string code = qr ? qr_code_for(screen, invite, kLinesBelow) : "";
  if (json) std::fputs(code.c_str(), stderr);
  // The secret is nowhere but in `out`, which forgets it.
  std::string front = json ? json_line("invite", {}) : code;
  if (json) front.replace(front.size() - 1, 1, ",\"invite\":\"");
  SecretText out(front.size() + invite.size() + 4);
  out.append(front);
  out.append(invite);
  out.append(json ? "\"}\n" : "\n");
  return print_out(out.reveal());
}

int run_invite(InviteArguments arguments, const Settings& settings) {
  const auto fail = [&arguments](const Refusal& refusal) {
    say(refusal.text);
    if (arguments.json) {
      const auto status = static_cast<int>(refusal.status);
      (void)print_out(json_line("ended", {{"status", status}, {"outcome", "failed"}, {"reason", refusal.text}}) + "\n");
    }
    return static_cast<int>(refusal.status);
  };
  arguments.relay = or_set(arguments.relay, settings, "relay");
  if (arguments.relay.empty()) {
    return fail(usage("which relay? Give --relay HOST[:PORT], once for all by parley config set relay HOST[:PORT]"));
  }
  const auto relay = read_relay(arguments.relay);
  if (!relay) return fail(relay.error());
  auto invite = make_invite(*relay);
  if (!invite) return fail(invite.error());
  const auto set_pin = settings.find_for(*relay, "pin");
  const std::string pin = arguments.pin.empty() && set_pin ? set_pin->text : arguments.pin;
  if (!pin.empty()) {
    const auto given = read_pin(pin);
    if (!given) return fail(given.error());
    invite->pin = *given;
  } else if (const auto known = find_known_relay(*relay)) {
    // It was asked about as no authority vouches for it: the other side needs the pin as well.
    invite->pin = known->pin;
  }
  return print(invite->text().reveal(), arguments.qr, arguments.json);
}

}  // namespace

void add_invite_command(CLI::App& app, const Given& given, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("invite",
                                         "Make an invite and print it. It is all that the two need, and a secret:\n"
                                         "who has it can take the place of either.");
  const auto arguments = std::make_shared<InviteArguments>();
  command->add_option("--relay", arguments->relay, "Where the relay is; the port is 10443 unless given")
      ->type_name("HOST[:PORT]");
  command->add_option("--pin", arguments->pin, "The relay's key, for one whose certificate is of no known authority")
      ->type_name("PIN|FILE");
  command->add_flag("--qr", arguments->qr, "Show it as a QR code too");
  command->add_flag("--json", arguments->json, "Print it as JSON");
  command->footer(kInviteExamples);
  command->callback(
      [arguments, &given, &run] { run = [arguments, &given] { return run_invite(*arguments, given.settings); }; });
}

}  // namespace parley::client

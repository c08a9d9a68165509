#include "cli-client/commands/commands.h"

#include <memory>
#include <string>

#include "cli-client/base/json_line.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/commands/shared_options.h"
#include "cli-client/engine/wait.h"
#include "cli-client/meeting/access_token.h"
#include "cli-client/meeting/relay_options.h"
#include "cli-client/net/tls_connection.h"
#include "cli-client/probe/report_text.h"
#include "cli-client/probe/self_meeting.h"
#include "protocol/chat/psk.h"

namespace parley::client {
namespace {

// Of the limit for one connection, for all of it: a relay that is well needs a small part of one.
constexpr int kTimeLimits = 3;

constexpr const char* kCheckExamples =
    R"(Examples:
  parley check relay.example.org
  parley check --resume relay.example.org       lose a connection, and come back
  parley check --json localhost                 for programs
Exit status: 0 it is well, 3 it cannot be reached or is not the right one,
4 it refuses.)";

struct CheckArguments {
  RelayOptions relay;
  bool resume = false;
  bool json = false;
};

int refuse(const CheckArguments& arguments, const Refusal& refusal) {
  if (!arguments.json) {
    say(refusal.text);
    return static_cast<int>(refusal.status);
  }
  (void)print_out(json_line("check", {{"ok", false},
                                      {"relay", arguments.relay.relay},
                                      {"error", refusal.text},
                                      {"status", static_cast<int>(refusal.status)},
                                      {"reason", refusal.text}}) +
                  "\n");
  return static_cast<int>(refusal.status);
}

int tell(const CheckArguments& arguments, const Report& report, const std::string& relay) {
  const auto status = report.failure ? static_cast<int>(report.failure->status) : 0;
  if (arguments.json) {
    // As it was given when it is not well.
    const std::string& name = report.failure ? arguments.relay.relay : relay;
    const int printed = print_out(json_line("check", report_members(report, name)) + "\n");
    return report.failure ? status : printed;
  }
  if (!report.failure) return print_out(report_text(report, relay));
  say(report.failure->text);
  return status;
}

int run_check(CheckArguments arguments, const Settings& settings) {
  arguments.relay.relay = or_set(arguments.relay.relay, settings, "relay");
  if (arguments.relay.relay.empty()) return refuse(arguments, usage("which relay? parley check HOST[:PORT]"));
  const auto relay = read_relay(arguments.relay.relay);
  if (!relay) return refuse(arguments, relay.error());
  const auto trust = make_trust(arguments.relay, settings, *relay, std::nullopt);
  if (!trust) return refuse(arguments, trust.error());
  const auto access = read_access(arguments.relay.access_file, settings, *relay, true);
  if (!access) return refuse(arguments, access.error());

  const chat::Invite invite = chat::Invite::make(relay->host, relay->port);
  const Meeting meeting{*relay, invite.room, chat::derive_psk(invite.secret, invite.room), *access, {}};
  const auto timeout = arguments.relay.connect_limit();
  SelfMeeting both(
      meeting, {over_tls(*trust)},
      {.patience = {timeout, timeout, timeout}, .limit = kTimeLimits * timeout, .resumes = arguments.resume},
      Clock::now());
  while (!both.over()) {
    const auto engines = both.engines();
    wait(engines, {}, both.deadline());
    both.advance(Clock::now());
  }
  return tell(arguments, both.report(), relay->text());
}

}  // namespace

void add_check_command(CLI::App& app, const Given& given, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("check",
                                         "See whether a relay is well: connect, verify it, meet oneself in a new\n"
                                         "room, exchange a message, and report how long each took.");
  const auto arguments = std::make_shared<CheckArguments>();
  command
      ->add_option("relay", arguments->relay.relay,
                   "Where the relay is; the port is 10443 unless given. Without it the relay that is set")
      ->type_name("HOST[:PORT]");
  add_relay_options(*command, arguments->relay);
  command->add_flag("--resume", arguments->resume, "Then lose a connection, and see whether its place is given back");
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  command->footer(kCheckExamples);
  command->callback(
      [arguments, &given, &run] { run = [arguments, &given] { return run_check(*arguments, given.settings); }; });
}

}  // namespace parley::client

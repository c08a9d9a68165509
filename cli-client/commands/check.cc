#include "cli-client/commands/commands.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "cli-client/base/json_line.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/commands/shared_options.h"
#include "cli-client/meeting/access_token.h"
#include "cli-client/meeting/relay_options.h"
#include "cli-client/probe/self_meeting.h"
#include "protocol/chat/psk.h"

namespace parley::client {
namespace {

using Milliseconds = SelfMeeting::Milliseconds;
using Report = SelfMeeting::Report;

constexpr const char* kCheckExamples =
    R"(Examples:
  parley check relay.example.org
  parley check --json localhost                 for programs
Exit status: 0 it is well, 3 it cannot be reached or is not the right one,
4 it refuses.)";

struct CheckArguments {
  RelayOptions relay;
  bool json = false;
};

int report_failure(const CheckArguments& arguments, ExitStatus status, const std::string& text) {
  if (!arguments.json) {
    say(text);
    return static_cast<int>(status);
  }
  (void)print_out(json_line("check", {{"ok", false},
                                      {"relay", arguments.relay.relay},
                                      {"error", text},
                                      {"status", static_cast<int>(status)},
                                      {"reason", text}}) +
                  "\n");
  return static_cast<int>(status);
}

const char* words_for(Trust::By by) {
  switch (by) {
    case Trust::By::pin:
      return "the pin";
    case Trust::By::given_authorities:
      return "the authorities of --ca";
    case Trust::By::system_authorities:
      return "this system's authorities";
    case Trust::By::remembered:
      return "the pin in known_relays";
  }
  std::abort();
}

std::string as_json(const Report& report, const std::string& relay) {
  return json_line("check", {{"ok", true},
                             {"relay", relay},
                             {"address", report.address},
                             {"trusted_by", words_for(report.trusted_by)},
                             {"pin", report.pin},
                             {"lookup_ms", report.lookup.count()},
                             {"tcp_ms", report.tcp.count()},
                             {"tls_ms", report.tls.count()},
                             {"pairing_ms", report.pairing.count()},
                             {"round_trip_ms", report.round_trip.count()}}) +
         "\n";
}

std::string as_text(const Report& report, const std::string& relay) {
  std::string text = relay + " is well\n";
  const auto row = [&text](const char* what, const std::string& value) {
    char label[32];
    (void)std::snprintf(label, sizeof label, "  %-12s ", what);
    text += label + value + "\n";
  };
  const auto time = [&row](const char* what, Milliseconds taken) {
    char value[32];
    (void)std::snprintf(value, sizeof value, "%.1f ms", taken.count());
    row(what, value);
  };
  row("address", report.address);
  row("trusted by", words_for(report.trusted_by));
  row("pin", report.pin);
  time("name lookup", report.lookup);
  time("TCP", report.tcp);
  time("TLS", report.tls);
  time("pairing", report.pairing);
  time("round trip", report.round_trip);
  return text;
}

int run_check(CheckArguments arguments, const Settings& settings) {
  arguments.relay.relay = or_set(arguments.relay.relay, settings, "relay");
  if (arguments.relay.relay.empty())
    return report_failure(arguments, ExitStatus::usage, "which relay? parley check HOST[:PORT]");
  const auto relay = read_relay(arguments.relay.relay);
  if (!relay) return report_failure(arguments, relay.error().status, relay.error().text);
  auto trust = make_trust(arguments.relay, settings, *relay, std::nullopt);
  if (!trust) return report_failure(arguments, trust.error().status, trust.error().text);
  auto access = read_access(arguments.relay.access_file, settings, *relay, true);
  if (!access) return report_failure(arguments, access.error().status, access.error().text);

  const chat::Invite invite = chat::Invite::make(relay->host, relay->port);
  Meeting meeting;
  meeting.relay = *relay;
  meeting.room = invite.room;
  meeting.key = chat::derive_psk(invite.secret, invite.room);
  meeting.access = *access;
  Patience patience;
  patience.connect = arguments.relay.connect_limit();
  patience.first = patience.again = patience.connect;
  SelfMeeting both(meeting, *trust, patience);
  if (const Outcome* outcome = both.run()) {
    return report_failure(arguments, outcome->status == ExitStatus::done ? ExitStatus::failed : outcome->status,
                          outcome->text);
  }
  const auto form = arguments.json ? as_json : as_text;
  return print_out(form(both.report(), relay->text()));
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
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  command->footer(kCheckExamples);
  command->callback(
      [arguments, &given, &run] { run = [arguments, &given] { return run_check(*arguments, given.settings); }; });
}

}  // namespace parley::client

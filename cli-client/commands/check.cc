#include "cli-client/commands/commands.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/duration.h"
#include "cli-client/base/json_line.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/base/time_option.h"
#include "cli-client/commands/means.h"
#include "cli-client/commands/shared_options.h"
#include "cli-client/engine/wait.h"
#include "cli-client/http/listen_socket.h"
#include "cli-client/meeting/relay_options.h"
#include "cli-client/net/tls_connection.h"
#include "cli-client/probe/prober.h"
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
  parley check --every 30s --metrics 9100 relay.example.org
Exit status: 0 it is well, 3 it cannot be reached or is not the right one,
4 it refuses; of --every 0 when a signal ends it.)";

// More would be load, and no news.
constexpr std::chrono::seconds kShortestEvery{1};

struct CheckArguments {
  RelayOptions relay;
  std::string every;    // empty: once
  std::string metrics;  // where; empty: nowhere
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

// With a room, and a secret that the relay does not get, of this meeting's own.
Approach make_approach(const Means& means, const Endpoint& relay) {
  const chat::Invite invite = chat::Invite::make(relay.host, relay.port);
  return {{relay, invite.room, chat::derive_psk(invite.secret, invite.room), means.access, {}}, means.trust};
}

int check_once(const CheckArguments& arguments, const Means& means, const Endpoint& relay) {
  const Approach approach = make_approach(means, relay);
  const auto timeout = arguments.relay.connect_limit();
  SelfMeeting both(
      approach.meeting, {over_tls(*approach.trust)},
      {.patience = {timeout, timeout, timeout}, .limit = kTimeLimits * timeout, .resumes = arguments.resume},
      Clock::now());
  while (!both.over()) {
    const auto engines = both.engines();
    wait(engines, {}, both.deadline());
    both.advance(Clock::now());
  }
  return tell(arguments, both.report(), relay.text());
}

int check_again_and_again(const CheckArguments& arguments, const Settings& settings, Means means,
                          const Endpoint& relay) {
  const auto limit = parse_limit(arguments.relay.timeout);
  if (!limit) return refuse(arguments, usage("with --every a round has to end: give --timeout a time"));
  std::optional<Descriptor> listener;
  if (!arguments.metrics.empty()) {
    const auto at = parse_listen_address(arguments.metrics).value();
    auto socket = listen_at(at);
    if (!socket) {
      return refuse(arguments, {ExitStatus::failed, "cannot serve metrics at " + at.text() + ": " + socket.error()});
    }
    listener = std::move(*socket);
    say("metrics at http://" + at.text() + "/metrics");
  }
  const auto prepare = [&]() -> tl::expected<Approach, Refusal> {
    if (can_be_read_again(arguments.relay, settings)) {
      auto newer = read_means(arguments.relay, settings, relay);
      if (!newer) return tl::unexpected(newer.error());
      means = std::move(*newer);
    }
    return make_approach(means, relay);
  };
  Prober prober({.relay = relay.text(),
                 .every = parse_duration(arguments.every).value(),
                 .limit = *limit,
                 .json = arguments.json},
                prepare, std::move(listener));
  return prober.run();
}

int run_check(CheckArguments arguments, const Settings& settings) {
  if (arguments.every.empty() && !arguments.metrics.empty()) {
    return refuse(arguments, usage("--metrics are of round after round: give --every TIME, too"));
  }
  arguments.relay.relay = or_set(arguments.relay.relay, settings, "relay");
  if (arguments.relay.relay.empty()) return refuse(arguments, usage("which relay? parley check HOST[:PORT]"));
  const auto relay = read_relay(arguments.relay.relay);
  if (!relay) return refuse(arguments, relay.error());
  // What is wrong from the start is a mistake, with --every too.
  auto means = read_means(arguments.relay, settings, *relay);
  if (!means) return refuse(arguments, means.error());
  return arguments.every.empty() ? check_once(arguments, *means, *relay)
                                 : check_again_and_again(arguments, settings, std::move(*means), *relay);
}

const CLI::Validator kEveryCheck(
    [](std::string& text) {
      const auto every = parse_duration(text);
      if (!every) return "\"" + text + "\": " + to_string(every.error());
      return *every < kShortestEvery ? "\"" + text + "\" is less than " + duration_text(kShortestEvery) : std::string();
    },
    "");

const CLI::Validator kMetricsCheck(
    [](std::string& text) {
      const auto at = parse_listen_address(text);
      return at ? std::string() : at.error();
    },
    "");

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
  command
      ->add_option("--every", arguments->every,
                   "Check round after round, --resume included, and tell of each in a line; --timeout is for a whole "
                   "round. Until a signal comes")
      ->check(kEveryCheck)
      ->type_name("TIME");
  command
      ->add_option("--metrics", arguments->metrics,
                   "With --every: serve what the rounds find to Prometheus, over HTTP; at 127.0.0.1 unless given")
      ->check(kMetricsCheck)
      ->type_name("[ADDR:]PORT");
  command->add_flag("--json", arguments->json, "Print the report as JSON; with --every a line each round");
  command->footer(kCheckExamples);
  command->callback(
      [arguments, &given, &run] { run = [arguments, &given] { return run_check(*arguments, given.settings); }; });
}

}  // namespace parley::client

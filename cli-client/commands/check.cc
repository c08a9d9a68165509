#include "cli-client/commands/commands.h"

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli-client/base/clock.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/base/time_option.h"
#include "cli-client/engine/engine.h"
#include "cli-client/engine/wait.h"
#include "cli-client/meeting/options.h"
#include "cli-client/net/tls_connection.h"
#include "protocol/chat/psk.h"

namespace parley::client {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

// Of --timeout, for all of it: a relay that is well needs a small part of one.
constexpr int kAttempts = 3;

struct CheckArguments {
  RelayOptions relay;
  bool json = false;
};

// What a check found.
struct Report {
  std::string address;
  std::string pin;
  Milliseconds lookup{}, tcp{}, tls{}, pairing{}, round_trip{};
};

// Both ends of a conversation in one program.
class SelfMeeting {
 public:
  SelfMeeting(const Meeting& meeting, const Trust& trust, const Patience& patience)
      : first_(meeting, {over_tls(trust)}, patience, {}, Clock::now()),
        second_(meeting, {over_tls(trust)}, patience, {}, Clock::now()),
        gives_up_at_(Clock::now() + kAttempts * patience.connect) {}

  // nullptr when all went well, else how one of them ended.
  const Outcome* run();
  const Report& report() const { return report_; }

 private:
  bool step();
  // Waits for an event of this kind at one end; false when there will be none.
  template <class Event>
  bool await(Engine& engine);

  // How one of them has ended; nullptr while both go on.
  const Outcome* ended() const;

  Engine first_;
  Engine second_;
  const Engine::TimePoint gives_up_at_;
  std::optional<Outcome> late_;
  Report report_;
};

bool SelfMeeting::step() {
  wait(std::array{&first_, &second_}, {}, gives_up_at_);
  if (Clock::now() >= gives_up_at_) {
    late_ = Outcome{Outcome::Kind::failed, ExitStatus::failed,
                    "the relay takes connections, but a message did not get through in time; see its logs"};
  }
  return ended() == nullptr;
}

const Outcome* SelfMeeting::ended() const {
  for (const Engine* engine : {&first_, &second_}) {
    if (engine->outcome()) return &*engine->outcome();
  }
  return late_ ? &*late_ : nullptr;
}

template <class Event>
bool SelfMeeting::await(Engine& engine) {
  for (;;) {
    while (const auto event = engine.next_event()) {
      if (const auto* message = std::get_if<chat::Message>(&*event)) engine.taken(message->id, Clock::now());
      if (std::holds_alternative<Event>(*event)) return true;
    }
    if (!step()) return false;
  }
}

const Outcome* SelfMeeting::run() {
  if (!await<chat::Paired>(first_) || !await<chat::Paired>(second_)) return ended();
  const auto met = Clock::now();
  const Reached& reached = *first_.reached();
  report_.address = reached.address;
  report_.pin = pin_text(reached.pin);
  report_.lookup = reached.resolved - reached.begun;
  report_.tcp = reached.connected - reached.resolved;
  report_.tls = reached.open - reached.connected;
  report_.pairing = met - reached.open;
  first_.conversation().send(chat::Type::text, {});
  first_.advance(0, Clock::now());
  if (!await<chat::Message>(second_)) return ended();
  second_.conversation().send(chat::Type::text, {});
  second_.advance(0, Clock::now());
  if (!await<chat::Message>(first_)) return ended();
  report_.round_trip = Clock::now() - met;
  first_.leave(Clock::now());
  second_.leave(Clock::now());
  // An outcome shows when all events before it have been taken.
  const auto over = [](Engine& engine) {
    while (engine.next_event()) {
    }
    return engine.outcome().has_value();
  };
  while (!late_ && (!over(first_) || !over(second_))) step();
  return nullptr;
}

int report_failure(const CheckArguments& arguments, ExitStatus status, const std::string& text) {
  if (!arguments.json) {
    say(text);
    return static_cast<int>(status);
  }
  const nlohmann::json json{{"ok", false}, {"relay", arguments.relay.relay}, {"error", text}};
  (void)print_out(json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n");
  return static_cast<int>(status);
}

std::string as_json(const Report& report, const std::string& relay, const char* trusted_by) {
  const nlohmann::json json{{"ok", true},
                            {"relay", relay},
                            {"address", report.address},
                            {"trusted_by", trusted_by},
                            {"pin", report.pin},
                            {"lookup_ms", report.lookup.count()},
                            {"tcp_ms", report.tcp.count()},
                            {"tls_ms", report.tls.count()},
                            {"pairing_ms", report.pairing.count()},
                            {"round_trip_ms", report.round_trip.count()}};
  return json.dump() + "\n";
}

std::string as_text(const Report& report, const std::string& relay, const char* trusted_by) {
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
  row("trusted by", trusted_by);
  row("pin", report.pin);
  time("name lookup", report.lookup);
  time("TCP", report.tcp);
  time("TLS", report.tls);
  time("pairing", report.pairing);
  time("round trip", report.round_trip);
  return text;
}

int run_check(const CheckArguments& arguments) {
  const auto relay = relay_of(arguments.relay.relay);
  if (!relay) return report_failure(arguments, relay.error().status, relay.error().text);
  auto trust = make_trust(arguments.relay, *relay, std::nullopt);
  if (!trust) return report_failure(arguments, trust.error().status, trust.error().text);
  auto access = read_access(arguments.relay, true);
  if (!access) return report_failure(arguments, access.error().status, access.error().text);

  const chat::Invite invite = chat::Invite::make(relay->host, relay->port);
  Meeting meeting;
  meeting.relay = *relay;
  meeting.room = invite.room;
  meeting.key = chat::derive_psk(invite.secret, invite.room);
  meeting.access = *access;
  Patience patience;
  patience.connect = parse_limit(arguments.relay.timeout).value_or(std::chrono::hours(1));
  patience.first = patience.again = patience.connect;
  SelfMeeting both(meeting, *trust, patience);
  if (const Outcome* outcome = both.run()) {
    return report_failure(arguments, outcome->status == ExitStatus::done ? ExitStatus::failed : outcome->status,
                          outcome->text);
  }
  const char* const trusted_by = trust->pin()            ? "the pin"
                                 : trust->remembered()   ? "the pin in known_relays, or an authority"
                                 : trust->is_of_system() ? "this system's authorities"
                                                         : "the authorities of --ca";
  const auto form = arguments.json ? as_json : as_text;
  return print_out(form(both.report(), relay->text(), trusted_by));
}

}  // namespace

void add_check_command(CLI::App& app, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("check",
                                         "See whether a relay is well: connect, verify it, meet oneself in a new\n"
                                         "room, exchange a message, and report how long each took.");
  const auto arguments = std::make_shared<CheckArguments>();
  command->add_option("relay", arguments->relay.relay, "Where the relay is; the port is 10443 unless given")
      ->required()
      ->type_name("HOST[:PORT]")
      ->envname("PARLEY_RELAY");
  add_relay_options(*command, arguments->relay);
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  command->callback([arguments, &run] { run = [arguments] { return run_check(*arguments); }; });
}

}  // namespace parley::client

#include "check_command.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "chat/psk.h"
#include "clock.h"
#include "duration.h"
#include "engine/engine.h"
#include "meeting_options.h"
#include "news.h"

namespace parley::client {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

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
      : first_(meeting, trust, patience, {}, Clock::now()), second_(meeting, trust, patience, {}, Clock::now()) {}

  // nullptr when all went well, else how one of them ended.
  const Outcome* run();
  const Report& report() const { return report_; }

 private:
  bool step();
  // Waits for an event of this kind at one end; false when there will be none.
  template <class Event>
  bool await(Engine& engine);

  Engine first_;
  Engine second_;
  Report report_;
};

bool SelfMeeting::step() {
  std::array<pollfd, 2> fds{first_.wanted(), second_.wanted()};
  std::optional<Engine::TimePoint> deadline;
  for (const auto& at : {first_.deadline(), second_.deadline()}) {
    if (at && (!deadline || *at < *deadline)) deadline = at;
  }
  const auto left = deadline ? std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count() : -1;
  ::poll(fds.data(), fds.size(), static_cast<int>(std::clamp<std::int64_t>(left, deadline ? 0 : -1, 1 << 30)));
  first_.advance(fds[0].revents, Clock::now());
  second_.advance(fds[1].revents, Clock::now());
  return !first_.outcome() && !second_.outcome();
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
  const auto ending = [this] { return &*(first_.outcome() ? first_.outcome() : second_.outcome()); };
  if (!await<chat::Paired>(first_) || !await<chat::Paired>(second_)) return ending();
  const auto met = Clock::now();
  if (const Connection* connection = first_.connection()) {
    const auto& times = connection->times();
    report_.address = connection->address();
    report_.lookup = times.resolved - times.begun;
    report_.tcp = times.connected - times.resolved;
    report_.tls = times.open - times.connected;
    report_.pairing = met - times.open;
  }
  report_.pin = pin_text(*first_.relay_pin());
  first_.conversation().send(chat::Type::text, {});
  first_.advance(0, Clock::now());
  if (!await<chat::Message>(second_)) return ending();
  second_.conversation().send(chat::Type::text, {});
  second_.advance(0, Clock::now());
  if (!await<chat::Message>(first_)) return ending();
  report_.round_trip = Clock::now() - met;
  first_.leave(Clock::now());
  second_.leave(Clock::now());
  while (!first_.outcome() || !second_.outcome()) step();
  return nullptr;
}

int report_failure(const CheckArguments& arguments, ExitStatus status, const std::string& text) {
  if (arguments.json) {
    std::printf("%s\n", nlohmann::json{{"ok", false}, {"relay", arguments.relay.relay}, {"error", text}}
                            .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                            .c_str());
  } else {
    say(text);
  }
  return static_cast<int>(status);
}

void print_report(const CheckArguments& arguments, const Report& report, const std::string& relay,
                  const char* trusted_by) {
  if (arguments.json) {
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
    std::printf("%s\n", json.dump().c_str());
    return;
  }
  std::printf("%s is well\n", relay.c_str());
  std::printf("  address      %s\n", report.address.c_str());
  std::printf("  trusted by   %s\n", trusted_by);
  std::printf("  pin          %s\n", report.pin.c_str());
  const auto row = [](const char* what, Milliseconds time) { std::printf("  %-12s %.1f ms\n", what, time.count()); };
  row("name lookup", report.lookup);
  row("TCP", report.tcp);
  row("TLS", report.tls);
  row("pairing", report.pairing);
  row("round trip", report.round_trip);
}

int run_check(const CheckArguments& arguments) {
  const auto relay = relay_of(arguments.relay.relay);
  if (!relay) return report_failure(arguments, relay.error().status, relay.error().text);
  auto trust = make_trust(arguments.relay, *relay, std::nullopt);
  if (!trust) return report_failure(arguments, trust.error().status, trust.error().text);
  auto access = read_access(arguments.relay);
  if (!access) return report_failure(arguments, access.error().status, access.error().text);

  const chat::Invite invite = chat::Invite::make(relay->host, relay->port);
  Meeting meeting;
  meeting.relay = *relay;
  meeting.room = invite.room;
  meeting.key = chat::derive_psk(invite.secret, invite.room);
  meeting.access = *access;
  Patience patience;
  patience.connect = parse_duration(arguments.relay.timeout)->value_or(std::chrono::hours(1));
  patience.first = patience.again = patience.connect;
  SelfMeeting both(meeting, *trust, patience);
  if (const Outcome* outcome = both.run()) {
    return report_failure(arguments, outcome->status == ExitStatus::done ? ExitStatus::failed : outcome->status,
                          outcome->text);
  }
  print_report(arguments, both.report(), relay->text(),
               trust->pin()            ? "the pin"
               : trust->remembered()   ? "the pin in known_relays, or an authority"
               : trust->is_of_system() ? "this system's authorities"
                                       : "the authorities of --ca");
  return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ExitStatus::failed);
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

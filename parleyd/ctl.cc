#include "parleyd/ctl.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "admin-api/admin_client.h"
#include "base/duration.h"
#include "parleyd/ctl_tables.h"
#include "parleyd/running_relay.h"
#include "service/config/token_file.h"

namespace parley {

namespace {

using nlohmann::json;

constexpr int kDone = 0, kRefused = 1, kUsage = 2, kUnreachable = 3;
constexpr std::chrono::seconds kWithin{15};
constexpr std::chrono::milliseconds kCountAgain{500};

// Ends it: what is said, and the exit status.
struct Stop : std::runtime_error {
  Stop(int exit_status, const std::string& why) : std::runtime_error(why), status(exit_status) {}
  int status;
};

struct Options {
  std::string config_file, admin, certificate, key, token_file;
  bool as_json = false;
  std::optional<std::string> watch;
  std::string id, level, deadline, lasting, protocol, state;
  std::size_t limit = 0;
  bool wait = false;
};

class Commands {
 public:
  Commands(const Options& options, AdminClient& client) : options_(options), client_(client) {}

  void status() {
    watch([this] { show(get("/api/v1/status"), status_table); });
  }
  void sessions() {
    watch([this] { show(all_sessions(), [](const json& all) { return session_table(all["sessions"]); }); });
  }
  void session() { show(get("/api/v1/sessions/" + options_.id), session_details); }
  void lobby() {
    watch([this] { show(get("/api/v1/lobby"), lobby_table); });
  }
  void config() { show(get("/api/v1/config"), config_table); }
  void end() {
    call("DELETE", "/api/v1/sessions/" + options_.id);
    say("ends " + options_.id);
  }
  void drain();
  void undrain() {
    call("DELETE", "/api/v1/drain");
    say("takes clients again");
  }
  void reload() { show(call("POST", "/api/v1/reload"), reload_report); }
  void rotate() {
    show(call("POST", "/api/v1/keys/rotate"), [](const json& done) {
      return done["keys"] == "shared" ? std::string("another shared key is being made\n")
                                      : done["dropped"].dump() + " keys dropped; others are being made\n";
    });
  }
  void log_level();

 private:
  json call(const std::string& method, const std::string& path, const std::string& body = {}) {
    const auto answer = client_.call(method, path, body);
    if (!answer) throw Stop(kUnreachable, answer.error() + "; is parleyd running, with this --admin-listen?");
    json value = json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
    if (answer->status < 300) return value;
    const bool explained = value.is_object() && value.contains("detail");
    throw Stop(kRefused, explained ? value["detail"].get<std::string>() : "status " + std::to_string(answer->status));
  }
  json get(const std::string& path) { return call("GET", path); }
  json all_sessions();
  void show(const json& value, const std::function<std::string(const json&)>& as_text) const {
    std::cout << (options_.as_json ? value.dump(2) + "\n" : as_text(value)) << std::flush;
  }
  // Of what has no answer worth a table.
  void say(const std::string& what) const {
    if (!options_.as_json) std::cout << what << "\n";
  }
  void watch(const std::function<void()>& once) const;

  const Options& options_;
  AdminClient& client_;
};

std::chrono::milliseconds time_of(const std::string& text, const char* option) {
  const auto time = parse_duration(text);
  if (!time)
    throw Stop(kUsage, std::string(option) + " \"" + text + "\": " + time.error().why + "; " + time.error().remedy);
  return *time;
}

std::string seconds_of(const std::string& text, const char* option) {
  return json(static_cast<double>(time_of(text, option).count()) / 1000).dump();
}

json Commands::all_sessions() {
  json all = json::array();
  std::string filter;
  if (!options_.protocol.empty()) filter += "&protocol=" + options_.protocol;
  if (!options_.state.empty()) filter += "&state=" + options_.state;
  bool incomplete = false;
  for (std::string cursor;;) {
    constexpr std::size_t kPage = 1000;
    const std::size_t wanted = options_.limit == 0 ? kPage : std::min(kPage, options_.limit - all.size());
    const json page = get("/api/v1/sessions?limit=" + std::to_string(wanted) + filter + cursor);
    for (const json& one : page["sessions"]) all.push_back(one);
    incomplete = incomplete || page["incomplete"].get<bool>();
    const bool over = page["next_cursor"].is_null() || page["sessions"].empty();
    if (over || (options_.limit != 0 && all.size() >= options_.limit)) break;
    cursor = "&cursor=" + page["next_cursor"].get<std::string>();
  }
  return {{"sessions", std::move(all)}, {"incomplete", incomplete}};
}

void Commands::watch(const std::function<void()>& once) const {
  once();
  if (!options_.watch) return;
  const auto pause = time_of(*options_.watch, "--watch");
  const bool redraw = ::isatty(STDOUT_FILENO) == 1 && !options_.as_json;
  for (;;) {
    std::this_thread::sleep_for(pause);
    std::cout << (redraw ? "\033[H\033[J" : options_.as_json ? "" : "\n");
    once();
  }
}

void Commands::drain() {
  std::string body = "{}";
  if (options_.deadline == "none") {
    body = R"({"deadline_s": null})";
  } else if (!options_.deadline.empty()) {
    body = R"({"deadline_s": )" + seconds_of(options_.deadline, "--deadline") + "}";
  }
  show(call("POST", "/api/v1/drain", body), [](const json& drain) {
    return "draining, " +
           (drain["deadline"].is_null() ? "without a deadline" : "until " + drain["deadline"].get<std::string>()) +
           "\n";
  });
  std::uint64_t shown = 0;
  while (options_.wait) {
    const json status = get("/api/v1/status");
    if (status["drain"].is_null()) throw Stop(kRefused, "the drain was taken back");
    std::uint64_t left = 0;
    for (const json& protocol : status["protocols"]) left += protocol["connections"].get<std::uint64_t>();
    if (left == 0) return say("drained");
    if (left != std::exchange(shown, left))
      std::cerr << left << (left == 1 ? " connection" : " connections") << " left\n";
    std::this_thread::sleep_for(kCountAgain);
  }
}

void Commands::log_level() {
  if (options_.level.empty()) return show(get("/api/v1/log-level"), log_level_line);
  std::string body = R"({"level": )" + json(options_.level).dump();
  if (!options_.lasting.empty()) body += R"(, "for_s": )" + seconds_of(options_.lasting, "--for");
  show(call("PUT", "/api/v1/log-level", body + "}"), log_level_line);
}

// As the relay that runs was told, or finds it itself, unless told otherwise.
AdminSettings find_relay(const Options& options, config::Environment environment) {
  std::vector<std::string> arguments;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {name, value});
  };
  add("--config", options.config_file);
  add("--admin-listen", options.admin);
  add("--admin-cert", options.certificate);
  add("--admin-key", options.key);
  add("--admin-token-file", options.token_file);
  if (arguments.empty()) take_from_running_relay(arguments, environment);
  arguments.emplace_back("healthcheck");
  const auto found = config::load(arguments, environment);
  if (!found) throw Stop(kUsage, found.error().message);
  AdminSettings relay = found->config.admin;
  if (relay.listen.empty()) throw Stop(kUsage, "there is no admin listener to ask; give one with --admin-listen");
  const std::string& file = found->settings.back().values.front();
  if (file == "none" || unix_path(relay.listen.front())) return relay;
  auto token = config::read_token_file(file);
  if (!token) throw Stop(kUsage, "admin-token-file \"" + file + "\": " + token.error());
  relay.token = std::move(*token);
  return relay;
}

using Command = void (Commands::*)();

CLI::App* add(CLI::App& app, Command& chosen, const char* name, const char* help, Command command) {
  CLI::App* const added = app.add_subcommand(name, help);
  added->callback([&chosen, command] { chosen = command; });
  return added->fallthrough();
}

void describe(CLI::App& app, Options& options, Command& chosen) {
  app.name("parleyd ctl");
  app.require_subcommand(0, 1);
  app.add_option("--config", options.config_file, "The relay's configuration file: it says where it is [PARLEY_CONFIG]")
      ->type_name("FILE");
  app.add_option("--admin-listen", options.admin, "Where the relay's admin endpoint is [PARLEY_ADMIN_LISTEN]")
      ->type_name("ADDR:PORT|unix:PATH");
  app.add_option("--admin-cert", options.certificate, "Its certificate, when it speaks TLS [PARLEY_ADMIN_CERT]")
      ->type_name("FILE");
  app.add_option("--admin-key", options.key, "That certificate's key [PARLEY_ADMIN_KEY]")->type_name("FILE");
  app.add_option("--admin-token-file", options.token_file, "What holds its token [PARLEY_ADMIN_TOKEN_FILE]")
      ->type_name("FILE");
  app.add_flag("--json", options.as_json, "The relay's own answer, for programs");
  const auto watched = [&](CLI::App* command) {
    command->add_option("--watch", options.watch, "Again and again, so long apart (2s)")
        ->type_name("TIME")
        ->expected(0, 1)
        ->default_str("2s");
  };
  watched(add(app, chosen, "status", "How it is: state, listeners, connections, keys", &Commands::status));
  CLI::App* const sessions = add(app, chosen, "sessions", "Who talks, newest first", &Commands::sessions);
  sessions->add_option("--protocol", options.protocol, "Only classic or relay");
  sessions->add_option("--state", options.state, "Only active, held or closing");
  sessions->add_option("--limit", options.limit, "At most so many");
  watched(sessions);
  watched(add(app, chosen, "lobby", "Who waits for a partner", &Commands::lobby));
  for (const auto& [name, help, command] :
       {std::tuple{"session", "One session", &Commands::session}, std::tuple{"end", "End a session", &Commands::end}}) {
    add(app, chosen, name, help, command)->add_option("ID", options.id, "As sessions shows it")->required();
  }
  CLI::App* const drain = add(app, chosen, "drain", "Take nobody new, and send away who is there", &Commands::drain);
  drain->add_option("--deadline", options.deadline, "When the last are sent away; none for never (--drain-timeout)")
      ->type_name("TIME");
  drain->add_flag("--wait", options.wait, "Until nobody is there any more");
  add(app, chosen, "undrain", "Take clients again", &Commands::undrain);
  add(app, chosen, "reload", "Read the configuration again, and the files it names", &Commands::reload);
  add(app, chosen, "rotate", "Make new keys for classic", &Commands::rotate);
  CLI::App* const level = add(app, chosen, "log-level", "Show the log level, or set it", &Commands::log_level);
  level->add_option("LEVEL", options.level, "trace, debug, info, warning, error, critical or off");
  level->add_option("--for", options.lasting, "Then it goes back")->type_name("TIME");
  add(app, chosen, "config", "Every option's value, and where it came from", &Commands::config);
}

}  // namespace

int ctl(const std::vector<std::string>& arguments, const config::Environment& environment) {
  Options options;
  Command chosen = nullptr;
  CLI::App app{"Asks a relay that runs, and tells it what to do, by its admin endpoint."};
  describe(app, options, chosen);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
    // Asked of CLI11, this would be said of an unknown one too, whose name would not.
    if (chosen == nullptr) throw CLI::RequiredError("A subcommand");
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return kDone;
  } catch (const CLI::ParseError& error) {
    std::cerr << "parleyd: ctl: " << error.what() << "; see parleyd ctl --help\n";
    return kUsage;
  }
  try {
    AdminClient client(find_relay(options, environment), kWithin);
    Commands commands(options, client);
    (commands.*chosen)();
  } catch (const Stop& stop) {
    std::cerr << "parleyd: ctl: " << stop.what() << "\n";
    return stop.status;
  } catch (const json::exception&) {
    std::cerr << "parleyd: ctl: the answer is not what this version knows; ask by curl, or with --json\n";
    return kRefused;
  }
  return std::cout.flush() ? kDone : kRefused;
}

}  // namespace parley

#include "parleyd/serve.h"

#include <malloc.h>
#include <unistd.h>

#include <asio/post.hpp>
#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "admin-api/admin_server.h"
#include "admin-api/admin_token.h"
#include "admin-api/http/admin_tls.h"
#include "base/version.h"
#include "parleyd/operator.h"
#include "parleyd/passed_listeners.h"
#include "parleyd/pin_file.h"
#include "parleyd/relay.h"
#include "parleyd/signals.h"
#include "parleyd/supervisor.h"
#include "parleyd/watched_files.h"
#include "service/log/line_writer.h"
#include "service/log/log.h"

namespace parley {

namespace {

// What those who read the log are given to take its last lines.
constexpr milliseconds kLastLines{250};

std::string pin_of(const Relay& relay) {
  const auto certificate = relay.certificate();
  return certificate ? certificate->pin : "";
}

// What a supervisor, or a person, waits for, in the form of the log where that is JSON. It is no reason to wait for
// them that they do not read it.
void say_where(LineWriter& out, LogFormat form, const Relay& relay, const AdminServer& admin) {
  const bool as_events = form == LogFormat::json;
  const auto listens = [&](const std::string& listener, const std::vector<Endpoint>& endpoints) {
    for (const Endpoint& endpoint : endpoints) {
      const std::string address = to_string(endpoint);
      out.write(as_events ? log_line(Level::info, "listening", {{"listener", listener}, {"address", address}})
                          : listener + " " + address + "\n");
    }
  };
  listens("classic", relay.classic_listeners());
  listens("relay", relay.relay_listeners());
  if (const std::string pin = pin_of(relay); !pin.empty())
    out.write(as_events ? log_line(Level::info, "known by its pin", {{"pin", pin}}) : "pin " + pin + "\n");
  listens("admin", admin.listeners());
  out.write(as_events ? log_line(Level::info, "ready") : "ready\n");
}

void log_passed(const PassedListeners& passed) {
  const auto say = [](std::string_view listener, const std::vector<PassedListener>& sockets) {
    for (const PassedListener& one : sockets) {
      log_event(Level::info, "listens at a socket that was passed",
                {{"listener", listener}, {"address", to_string(one.bound)}});
    }
  };
  say("classic", passed.classic);
  say("relay", passed.relay);
  say("admin", passed.admin);
}

std::vector<ListenSocket> admin_sockets(std::vector<PassedListener> passed) {
  std::vector<ListenSocket> sockets;
  for (PassedListener& one : passed) sockets.push_back({.socket = std::move(one.socket), .bound = one.bound});
  return sockets;
}

void log_start(const Relay& relay, const config::Invocation& invocation, const ServiceSettings& settings) {
  log_event(Level::info, "started",
            {{"version", version()},
             {"commit", commit()},
             {"engine", relay.engine().name()},
             {"engine_detail", relay.engine().detail()},
             {"pin", pin_of(relay)}});
  warn_of_certificate(relay);
  log_overruled(invocation);
  if (settings.relay_without_certificate) {
    log_event(Level::info, "relay/1 is off: give --cert and --key, or --self-signed DIR, to switch it on");
  }
  if (settings.log_messages) {
    log_event(Level::warning, "--log-messages is on: everything that clients say to each other is written here");
  }
  if (settings.classic.keys == ClassicKeys::shared && !settings.classic_listen.empty()) {
    log_event(Level::warning,
              "--classic-keys shared is on: whoever has recorded what a client sent can have the relay open it");
  }
}

// The allocator would give threads arenas of their own, up to eight for each core, and keep in each what a crowd of
// HTTP clients once needed. The shards have one each, as they start first; the others share what is left.
void bound_arenas(unsigned shards) {
  constexpr unsigned kForTheRest = 2;
  ::mallopt(M_ARENA_MAX, static_cast<int>(shards + kForTheRest));
}

}  // namespace

void serve(config::Invocation invocation, const LoadAgain& load_again) {
  PassedListeners passed = PassedListeners::of_environment();
  const ServiceSettings settings = passed.in_place_of(invocation.config.service);
  bound_arenas(shards_of(settings));
  // From here on no signal is lost, nor ends the process in the midst of starting.
  Wishes wishes;
  Signals signals(
      Operator::patience(settings.deadlines),
      [&wishes](int signal, int times) {
        asio::post(wishes.io, [&wishes, signal, times] {
          wishes.hurry = times > 1;
          if (wishes.hurry) return;
          wishes.stop_signal = signal;
          wishes.stop.notify();
        });
      },
      [&wishes] { asio::post(wishes.io, [&wishes] { wishes.reload.notify(); }); });

  start_logging(invocation.config.log);
  struct StopLogging {
    ~StopLogging() { stop_logging(kLastLines); }
  } const stop_logging_at_end;
  static std::atomic<std::uint64_t> not_printed{0};
  LineWriter out(STDOUT_FILENO, not_printed, [](std::uint64_t) { return std::string(); });

  WatchedFiles files(files_of(invocation));
  const WatchedFiles::States read = files.look();
  Relay relay(settings, passed);
  if (const auto failed = write_pin_file(settings.relay, pin_of(relay))) throw std::runtime_error(*failed);
  AdminTls admin_tls;
  if (auto context = AdminTls::read(invocation.config.admin)) {
    admin_tls.use(std::move(*context));
  } else {
    throw std::runtime_error(context.error());
  }
  const Supervisor supervisor = Supervisor::of_environment();
  AdminToken admin_token(invocation.config.admin.token);
  files.expect(files_of(invocation), read);
  Operator operate(wishes, signals, {relay, admin_tls, admin_token, files, invocation, load_again, supervisor});
  AdminServer admin(invocation.config.admin, admin_tls, admin_token, relay, relay, operate);
  log_passed(passed);
  admin.start(admin_sockets(std::move(passed.admin)));
  passed = {};  // the relay has copies, which a drain is to find the only ones
  relay.start();
  log_start(relay, invocation, settings);
  say_where(out, invocation.config.log.format, relay, admin);
  supervisor.ready();
  supervisor.status("takes clients");

  operate.attend();

  // Whatever of the relay is stuck, it ends. A signal that comes from here on does not kill a relay that is ending
  // well.
  signals.end_within(Operator::kEnding);
  relay.stop();
  admin.stop();
  log_event(Level::info, "stopped");
  stop_logging(kLastLines);
  out.finish(milliseconds{50});  // its lines were there at the start
  signals.leave_the_rest();
}

}  // namespace parley

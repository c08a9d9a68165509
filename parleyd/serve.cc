#include "parleyd/serve.h"

#include <algorithm>
#include <asio/basic_waitable_timer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "admin-api/admin_server.h"
#include "base/version.h"
#include "parleyd/relay.h"
#include "service/log/log.h"
#include "service/loop/asio.h"
#include "service/loop/gate.h"

namespace parley {

namespace {

using std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, Executor>;
using Signals = asio::basic_signal_set<Executor>;

// How often a drain looks whether everybody has gone.
constexpr milliseconds kLook{20};
// What sessions are given to take what is queued for them, once the drain's deadline has passed.
constexpr milliseconds kLastWords{1000};
// Who renews by a timer has done so by then: of ninety days the last thirty are for that.
constexpr std::chrono::days kExpiresSoon{14};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string pin_of(const Relay& relay) {
  const auto certificate = relay.certificate();
  return certificate ? certificate->pin : "";
}

// At each start and reload: what clients refuse the certificate for, of which the relay would notice nothing else.
void warn_of_certificate(const Relay& relay) {
  const auto certificate = relay.certificate();
  if (certificate && certificate->missing_issuer) {
    log_event(Level::warning, "public clients cannot verify the certificate: its chain does not lead to an authority",
              {{"missing", *certificate->missing_issuer},
               {"remedy",
                "put the intermediate certificates behind it in --cert; with an authority of your own, clients "
                "need --ca or the pin"}});
  }
  if (!certificate || !certificate->expires) return;
  const WallTime now = std::chrono::system_clock::now();
  if (*certificate->expires <= now) {
    log_event(Level::error, "certificate has expired", {{"expires", rfc3339(*certificate->expires)}});
  } else if (*certificate->expires <= now + kExpiresSoon) {
    log_event(Level::warning, "certificate expires soon", {{"expires", rfc3339(*certificate->expires)}});
  }
}

awaitable<void> reload_on_hangup(Signals& hangups, Relay& relay, config::Invocation& running,
                                 const LoadAgain& load_again) {
  asio::error_code stopped;
  for (;;) {
    co_await hangups.async_wait(asio::redirect_error(use_awaitable, stopped));
    if (stopped) co_return;
    auto loaded = load_again(running);
    if (!loaded) {
      relay.count_failed_reload();
      log_event(Level::error, "reload failed, the running configuration stays", {{"error", loaded.error().message}});
      continue;
    }
    const auto changed_files = relay.reload_credentials(loaded->config.service.relay);
    if (!changed_files) {
      relay.count_failed_reload();
      log_event(Level::error, "reload failed, the running configuration stays", {{"error", changed_files.error()}});
      continue;
    }
    config::ReloadDiff diff = config::compare(running, *loaded);
    for (const std::string& option : *changed_files) {
      if (std::ranges::find(diff.applied, option) == diff.applied.end()) diff.applied.push_back(option);
    }
    config::adopt(running, *loaded);
    set_log_level(running.config.log.level);
    relay.reload(running.config.service);
    log_event(Level::info, "reloaded", {{"changed", joined(diff.applied)}, {"pin", pin_of(relay)}});
    warn_of_certificate(relay);
    if (!diff.needs_restart.empty()) {
      log_event(Level::warning, "changed, but needs a restart", {{"options", joined(diff.needs_restart)}});
    }
  }
}

// Waits until everybody has gone, `limit` (zero: none) has passed, or another signal to stop has come.
awaitable<void> until_drained(const Relay& relay, milliseconds limit, const bool& hurry) {
  Timer timer(co_await asio::this_coro::executor);
  asio::error_code ignored;
  const auto deadline = limit.count() > 0 ? steady_clock::now() + limit : steady_clock::time_point::max();
  while (!relay.drained() && !hurry && steady_clock::now() < deadline) {
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
  }
}

awaitable<void> note_second_signal(Signals& stops, bool& hurry) {
  asio::error_code stopped;
  co_await stops.async_wait(asio::redirect_error(use_awaitable, stopped));
  if (!stopped) hurry = true;
}

// Returns when the relay can be stopped; then nothing waits for signals any more.
awaitable<void> drain_on_signal(Signals& stops, Signals& hangups, Relay& relay, Gate& gate, bool& hurry) {
  const Executor executor = co_await asio::this_coro::executor;
  asio::error_code ignored;
  const int signal = co_await stops.async_wait(asio::redirect_error(use_awaitable, ignored));
  const Deadlines deadlines = relay.deadlines();
  log_event(Level::info, "draining",
            {{"signal", signal}, {"deadline_s", static_cast<double>(deadlines.drain.count()) / 1000}});
  relay.begin_drain();
  gate.spawn(executor, note_second_signal(stops, hurry));
  if (deadlines.drain_delay.count() > 0) {
    Timer timer(executor);
    const auto until = steady_clock::now() + deadlines.drain_delay;
    while (!hurry && steady_clock::now() < until) {
      timer.expires_after(kLook);
      co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
  }
  relay.stop_accepting();
  co_await until_drained(relay, deadlines.drain, hurry);
  if (!relay.drained()) {
    relay.end_sessions(EndReason::draining, false);
    co_await until_drained(relay, kLastWords, hurry);
  }
  hangups.cancel();
  stops.cancel();
}

}  // namespace

void serve(config::Invocation invocation, const LoadAgain& load_again) {
  asio::io_context io(1);
  // Caught from here on, so that none is lost while starting.
  Signals stops(io.get_executor(), SIGTERM, SIGINT);
  Signals hangups(io.get_executor(), SIGHUP);
  std::signal(SIGPIPE, SIG_IGN);

  start_logging(invocation.config.log);
  struct StopLogging {
    ~StopLogging() { stop_logging(); }
  } const stop_logging_at_end;

  Relay relay(invocation.config.service);
  AdminServer admin(invocation.config.admin, relay, relay, relay);
  admin.start();
  relay.start();

  log_event(Level::info, "started",
            {{"version", version()},
             {"commit", commit()},
             {"engine", relay.engine().name()},
             {"engine_detail", relay.engine().detail()},
             {"pin", pin_of(relay)}});
  warn_of_certificate(relay);
  if (invocation.config.service.relay_without_certificate) {
    log_event(Level::info, "relay/1 is off: give --cert and --key, or --self-signed DIR, to switch it on");
  }
  if (invocation.config.service.log_messages) {
    log_event(Level::warning, "--log-messages is on: everything that clients say to each other is written here");
  }
  if (const auto& service = invocation.config.service;
      service.classic.keys == ClassicKeys::shared && !service.classic_listen.empty()) {
    log_event(Level::warning,
              "--classic-keys shared is on: whoever has recorded what a client sent can have the relay open it");
  }
  for (const Endpoint& endpoint : relay.classic_listeners()) std::printf("classic %s\n", to_string(endpoint).c_str());
  for (const Endpoint& endpoint : relay.relay_listeners()) std::printf("relay %s\n", to_string(endpoint).c_str());
  if (const std::string pin = pin_of(relay); !pin.empty()) std::printf("pin %s\n", pin.c_str());
  for (const Endpoint& endpoint : admin.listeners()) std::printf("admin %s\n", to_string(endpoint).c_str());
  std::puts("ready");
  std::fflush(stdout);

  Gate gate;
  bool hurry = false;  // a second signal: wait for nobody
  gate.spawn(io.get_executor(), reload_on_hangup(hangups, relay, invocation, load_again));
  gate.spawn(io.get_executor(), drain_on_signal(stops, hangups, relay, gate, hurry));
  io.run();

  // A signal that comes from here on must not kill a relay that is ending well: once the sets above are gone the
  // default action would be back. The logging thread, the last of the others, ends before they do.
  sigset_t ending;
  sigemptyset(&ending);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&ending, signal);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  relay.stop();
  admin.stop();
  log_event(Level::info, "stopped");
}

}  // namespace parley

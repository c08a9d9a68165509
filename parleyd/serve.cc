#include "parleyd/serve.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <asio/basic_waitable_timer.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "admin-api/admin_server.h"
#include "base/version.h"
#include "parleyd/relay.h"
#include "parleyd/signals.h"
#include "service/log/line_writer.h"
#include "service/log/log.h"
#include "service/loop/asio.h"
#include "service/loop/event.h"
#include "service/loop/gate.h"

namespace parley {

namespace {

using std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, Executor>;

// How often a drain looks whether everybody has gone.
constexpr milliseconds kLook{20};
constexpr auto kNever = steady_clock::time_point::max();
// What sessions are given to take what is queued for them, once the drain's deadline has passed.
constexpr milliseconds kLastWords{1000};
// What the relay's threads are given to end after that, and those who read the log to take its last lines.
constexpr milliseconds kEnding{1350};
constexpr milliseconds kLastLines{250};
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

// What signals have asked for. Used on the thread that runs `io`, to which they are posted.
struct Wishes {
  asio::io_context io{1};
  // Made at the start, as it takes descriptors: there may be none left when it is time to stop.
  Timer timer{io.get_executor()};
  int stop_signal = 0;  // the first one
  bool hurry = false;   // another has come: wait for nobody
  bool over = false;    // nothing is waited for any more
  Event stop;
  Event reload;
};

void reload(Relay& relay, config::Invocation& running, const LoadAgain& load_again) {
  const auto refuse = [&relay](std::string_view why) {
    relay.count_failed_reload();
    log_event(Level::error, "reload failed, the running configuration stays", {{"error", why}});
  };
  auto loaded = load_again(running);
  if (!loaded) return refuse(loaded.error().message);
  const auto changed_files = relay.reload_credentials(loaded->config.service.relay);
  if (!changed_files) return refuse(changed_files.error());
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

// How long it may take from the first signal to the end. Zero: as long as clients stay.
milliseconds patience(const Deadlines& deadlines) {
  return deadlines.drain.count() > 0 ? deadlines.drain_delay + deadlines.drain + kLastWords + kEnding : milliseconds{0};
}

awaitable<void> reload_on_hangup(Wishes& wishes, Signals& signals, Relay& relay, config::Invocation& running,
                                 const LoadAgain& load_again) {
  for (;;) {
    co_await wishes.reload.wait();
    if (wishes.over) co_return;
    reload(relay, running, load_again);
    signals.set_patience(patience(relay.deadlines()));
  }
}

// Waits until `gone`, that moment, or another signal to stop.
awaitable<void> until(std::function<bool()> gone, steady_clock::time_point moment, Wishes& wishes) {
  asio::error_code ignored;
  while (!gone() && !wishes.hurry && steady_clock::now() < moment) {
    wishes.timer.expires_after(kLook);
    co_await wishes.timer.async_wait(asio::redirect_error(use_awaitable, ignored));
  }
}

// Returns when the relay can be stopped. Each protocol drains in its own way: a client of classic cannot come back, and
// may stay as long as there is time. One of relay/1 can, and nobody takes it better than we do until this process is
// about to make room for the next: only then it is sent away.
awaitable<void> drain_on_signal(Wishes& wishes, Relay& relay) {
  co_await wishes.stop.wait();
  const Deadlines deadlines = relay.deadlines();
  log_event(Level::info, "draining",
            {{"signal", wishes.stop_signal}, {"deadline_s", static_cast<double>(deadlines.drain.count()) / 1000}});
  relay.begin_drain();
  const auto never = [] { return false; };
  const auto all_gone = [&relay] { return relay.drained(); };
  co_await until(never, steady_clock::now() + deadlines.drain_delay, wishes);
  const auto deadline = deadlines.drain.count() > 0 ? steady_clock::now() + deadlines.drain : kNever;
  relay.drain_classic();
  co_await until([&relay] { return relay.drained(Protocol::classic); },
                 deadline == kNever ? kNever : deadline - relay.time_to_tell(), wishes);
  relay.drain_relay();
  co_await until(all_gone, deadline, wishes);
  if (!relay.drained()) {
    relay.end_sessions(EndReason::draining, false);
    co_await until(all_gone, steady_clock::now() + kLastWords, wishes);
  }
  wishes.over = true;
  wishes.reload.notify();
}

// What a supervisor, or a person, waits for. It is no reason to wait for them that they do not read it.
void say_where(LineWriter& out, const Relay& relay, const AdminServer& admin) {
  for (const Endpoint& endpoint : relay.classic_listeners()) out.write("classic " + to_string(endpoint) + "\n");
  for (const Endpoint& endpoint : relay.relay_listeners()) out.write("relay " + to_string(endpoint) + "\n");
  if (const std::string pin = pin_of(relay); !pin.empty()) out.write("pin " + pin + "\n");
  for (const Endpoint& endpoint : admin.listeners()) out.write("admin " + to_string(endpoint) + "\n");
  out.write("ready\n");
}

void log_start(const Relay& relay, const ServiceSettings& settings) {
  log_event(Level::info, "started",
            {{"version", version()},
             {"commit", commit()},
             {"engine", relay.engine().name()},
             {"engine_detail", relay.engine().detail()},
             {"pin", pin_of(relay)}});
  warn_of_certificate(relay);
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

// Until it may be stopped.
void attend(Wishes& wishes, Signals& signals, Relay& relay, config::Invocation& running, const LoadAgain& load_again) {
  Gate gate;
  gate.spawn(wishes.io.get_executor(), reload_on_hangup(wishes, signals, relay, running, load_again));
  gate.spawn(wishes.io.get_executor(), drain_on_signal(wishes, relay));
  const asio::executor_work_guard<Executor> work(wishes.io.get_executor());
  while (!wishes.over || gate.inside() > 0) wishes.io.run_one();
}

}  // namespace

void serve(config::Invocation invocation, const LoadAgain& load_again) {
  bound_arenas(shards_of(invocation.config.service));
  // From here on no signal is lost, nor ends the process in the midst of starting.
  Wishes wishes;
  Signals signals(
      patience(invocation.config.service.deadlines),
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

  Relay relay(invocation.config.service);
  AdminServer admin(invocation.config.admin, relay, relay, relay);
  admin.start();
  relay.start();
  log_start(relay, invocation.config.service);
  say_where(out, relay, admin);

  attend(wishes, signals, relay, invocation, load_again);

  // Whatever of the relay is stuck, it ends. A signal that comes from here on does not kill a relay that is ending
  // well.
  signals.end_within(kEnding);
  relay.stop();
  admin.stop();
  log_event(Level::info, "stopped");
  stop_logging(kLastLines);
  out.finish(milliseconds{50});  // its lines were there at the start
  signals.leave_the_rest();
}

}  // namespace parley

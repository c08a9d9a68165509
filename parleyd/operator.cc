#include "parleyd/operator.h"

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <future>
#include <memory>
#include <utility>

#include "parleyd/pin_file.h"
#include "service/log/log.h"

namespace parley {

namespace {

using std::chrono::steady_clock;

// How often a drain looks whether everybody has gone.
constexpr milliseconds kLook{20};
constexpr auto kNever = steady_clock::time_point::max();
// What sessions are given to take what is queued for them, once the drain's deadline has passed.
constexpr milliseconds kLastWords{1000};
// How often files are looked at that may have been replaced.
constexpr std::chrono::seconds kLookAtFiles{1};
// A reload reads a few small files.
constexpr std::chrono::seconds kDoneWithin{10};
// Who renews by a timer has done so by then: of ninety days the last thirty are for that.
constexpr std::chrono::days kExpiresSoon{14};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string fingerprint_of(const std::optional<CertificateView>& certificate) {
  return certificate ? certificate->fingerprint : "";
}

void log_reload(const ReloadReport& report) {
  log_event(Level::info, "reloaded",
            {{"changed", joined(report.changed)},
             {"pin", report.after ? report.after->pin : ""},
             {"certificate_before", fingerprint_of(report.before)},
             {"certificate", fingerprint_of(report.after)},
             {"expires", report.after && report.after->expires ? rfc3339(*report.after->expires) : ""}});
  if (!report.needs_restart.empty()) {
    log_event(Level::warning, "changed, but needs a restart", {{"options", joined(report.needs_restart)}});
  }
}

ConfiguredValue to_view(const config::Setting& setting) {
  static constexpr std::array<std::string_view, 4> kSources{"default", "file", "environment", "command line"};
  const config::Origin& origin = setting.origin;
  return {
      .name = std::string(setting.name),
      .values = setting.values,
      .source = std::string(kSources[static_cast<std::size_t>(origin.source)]),
      .where = origin.source == config::Source::file ? origin.name + ":" + std::to_string(origin.line) : origin.name};
}

}  // namespace

void log_overruled(const config::Invocation& invocation) {
  for (const config::Overruled& one : invocation.overruled) {
    log_event(Level::info, "a setting is overruled",
              {{"setting", one.name}, {"given", to_string(one.given)}, {"by", to_string(one.by)}});
  }
}

// Clients refuse it then, and the relay would notice nothing.
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

milliseconds Operator::patience(const Deadlines& deadlines) {
  return deadlines.drain.count() > 0 ? deadlines.drain_delay + deadlines.drain + kLastWords + kEnding : milliseconds{0};
}

Operator::Operator(Wishes& wishes, Signals& signals, const Running& running)
    : wishes_(wishes),
      signals_(signals),
      running_(running),
      log_level_timer_(wishes.io.get_executor()),
      look_timer_(wishes.io.get_executor()),
      alive_timer_(wishes.io.get_executor()) {}

void Operator::attend() {
  const Executor executor = wishes_.io.get_executor();
  gate_.spawn(executor, reload_on_hangup());
  gate_.spawn(executor, stop_on_signal());
  gate_.spawn(executor, carry_out_orders());
  if (running_.invocation.config.reload_on_change) reload_on_change();
  if (const auto every = running_.supervisor.how_often()) say_alive(*every);
  const asio::executor_work_guard<Executor> work(executor);
  while (!may_stop_ || gate_.inside() > 0) wishes_.io.run_one();
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  log_level_timer_.cancel();
  wishes_.io.poll();  // who has been let in is answered
}

template <class Value>
tl::expected<Value, NotDone> Operator::ask(std::function<tl::expected<Value, NotDone>()> task) const {
  using Answer = tl::expected<Value, NotDone>;
  const auto packaged = std::make_shared<std::packaged_task<Answer()>>(std::move(task));
  auto answer = packaged->get_future();
  {
    const std::lock_guard lock(mutex_);
    if (over_) return tl::unexpected(NotDone{NotDone::Kind::conflict, "the process is about to end"});
    asio::post(wishes_.io, [packaged] { (*packaged)(); });
  }
  if (answer.wait_for(kDoneWithin) != std::future_status::ready)
    return tl::unexpected(NotDone{NotDone::Kind::unavailable, "the relay has not answered in time, and may do it yet"});
  return answer.get();
}

// --- reload

tl::expected<ReloadReport, NotDone> Operator::reload() {
  return ask<ReloadReport>([this] { return reload_now(); });
}

tl::expected<ReloadReport, NotDone> Operator::reload_now() {
  const auto refuse = [this](const std::string& why) {
    running_.relay.count_failed_reload();
    log_event(Level::error, "reload failed, the running configuration stays", {{"error", why}});
    running_.relay.events().tell("reload-failed", {{"error", why}});
    return tl::unexpected(NotDone{NotDone::Kind::invalid, why});
  };
  const WatchedFiles::States read = running_.files.look();
  auto loaded = running_.load_again(running_.invocation);
  if (!loaded) return refuse(loaded.error().message);
  const auto admin_tls = AdminTls::read(loaded->config.admin);
  if (!admin_tls) return refuse(admin_tls.error());
  ReloadReport report{.changed = {}, .needs_restart = {}, .before = running_.relay.certificate(), .after = {}};
  const auto changed_files = running_.relay.reload_credentials(loaded->config.service.relay);
  if (!changed_files) return refuse(changed_files.error());
  std::vector<std::string> changed_contents = running_.admin_tls.use(*admin_tls);
  changed_contents.insert(changed_contents.end(), changed_files->begin(), changed_files->end());
  config::ReloadDiff diff = config::compare(running_.invocation, *loaded);
  for (const std::string& option : changed_contents) {
    if (std::ranges::find(diff.applied, option) == diff.applied.end()) diff.applied.push_back(option);
  }
  const std::string level_before = running_.invocation.config.log.level;
  config::adopt(running_.invocation, *loaded);
  if (running_.invocation.config.log.level != level_before || !other_log_level_) use_configured_log_level();
  running_.admin_token.use(running_.invocation.config.admin.token);
  running_.files.expect(files_of(running_.invocation), read);
  running_.relay.reload(running_.invocation.config.service);
  signals_.set_patience(patience(running_.relay.deadlines()));
  report.changed = std::move(diff.applied);
  report.needs_restart = std::move(diff.needs_restart);
  report.after = running_.relay.certificate();
  log_reload(report);
  log_overruled(*loaded);
  running_.relay.events().tell("reloaded", {{"changed", joined(report.changed)},
                                            {"needs_restart", joined(report.needs_restart)},
                                            {"certificate", fingerprint_of(report.after)}});
  warn_of_certificate(running_.relay);
  if (const auto failed =
          write_pin_file(running_.invocation.config.service.relay, report.after ? report.after->pin : ""))
    log_event(Level::error, "the pin could not be written", {{"error", *failed}});
  return report;
}

awaitable<void> Operator::reload_on_hangup() {
  for (;;) {
    co_await wishes_.reload.wait();
    if (may_stop_) co_return;
    (void)reload_now();  // the log says what came of it
  }
}

void Operator::reload_on_change() {
  look_timer_.expires_after(kLookAtFiles);
  look_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) return;
    if (const auto changed = running_.files.changed(steady_clock::now()); !changed.empty()) {
      log_event(Level::info, "files have changed", {{"files", joined(changed)}});
      (void)reload_now();  // the log says what came of it
    }
    reload_on_change();
  });
}

// --- a supervisor

void Operator::say_alive(milliseconds every) {
  if (std::ranges::none_of(running_.relay.liveness(), &Health::Check::failed)) running_.supervisor.alive();
  alive_timer_.expires_after(every);
  alive_timer_.async_wait([this, every](const asio::error_code& cancelled) {
    if (!cancelled) say_alive(every);
  });
}

// --- drain

tl::expected<DrainView, NotDone> Operator::drain(std::optional<milliseconds> within) {
  return ask<DrainView>([this, within]() -> tl::expected<DrainView, NotDone> {
    if (order_ && order_->for_good)
      return tl::unexpected(NotDone{NotDone::Kind::conflict, "a signal has told the process to end, which it does"});
    const WallTime since = order_ ? order_->since : std::chrono::system_clock::now();
    return give({.within = within, .for_good = false, .since = since, .begin = {}});
  });
}

tl::expected<void, NotDone> Operator::undrain() {
  return ask<void>([this]() -> tl::expected<void, NotDone> {
    if (!order_) return {};
    if (order_->for_good)
      return tl::unexpected(NotDone{NotDone::Kind::conflict, "a signal has told the process to end, which it does"});
    order_.reset();
    ++orders_;
    ordered_.notify();
    running_.relay.undrain();
    log_event(Level::info, "takes clients again");
    running_.relay.events().tell("drain-ended", {});
    return {};
  });
}

DrainView Operator::give(Order order) {
  const milliseconds delay = order_ ? milliseconds{0} : running_.relay.deadlines().drain_delay;
  order.begin = steady_clock::now() + delay;
  order_ = order;
  ++orders_;
  ordered_.notify();
  DrainView view{.since = order.since, .deadline = {}, .for_good = order.for_good};
  if (order.within) view.deadline = std::chrono::system_clock::now() + delay + *order.within;
  running_.relay.begin_drain(view);
  running_.relay.events().tell(
      "drain-begun", {{"deadline", view.deadline ? rfc3339(*view.deadline) : ""}, {"for_good", order.for_good}});
  return view;
}

awaitable<void> Operator::stop_on_signal() {
  co_await wishes_.stop.wait();
  running_.supervisor.stopping();
  running_.supervisor.status("draining");
  const milliseconds within = running_.relay.deadlines().drain;
  give({.within = within.count() > 0 ? std::optional(within) : std::nullopt,
        .for_good = true,
        .since = std::chrono::system_clock::now(),
        .begin = {}});
}

awaitable<void> Operator::carry_out_orders() {
  while (!may_stop_) {
    co_await ordered_.wait();
    carried_out_ = orders_;
    if (order_) co_await carry_out(*order_);
  }
  wishes_.reload.notify();
}

awaitable<void> Operator::until(std::function<bool()> done, steady_clock::time_point moment) {
  asio::error_code ignored;
  while (!done() && !replaced() && !wishes_.hurry && steady_clock::now() < moment) {
    wishes_.timer.expires_after(kLook);
    co_await wishes_.timer.async_wait(asio::redirect_error(use_awaitable, ignored));
  }
}

// Each protocol drains in its own way: a client of classic cannot come back, and may stay as long as there is time. One
// of relay/1 can, and nobody takes it better than we do until this process is about to make room for the next: only
// then it is sent away. Listeners close only when the process ends; else who comes is told, and may be taken again.
awaitable<void> Operator::carry_out(Order order) {
  log_event(Level::info, "draining",
            {{"signal", wishes_.stop_signal},
             {"deadline_s", static_cast<double>(order.within.value_or(milliseconds{0}).count()) / 1000}});
  const Listeners listeners = order.for_good ? Listeners::close : Listeners::stay;
  const auto never = [] { return false; };
  const auto all_gone = [this] { return running_.relay.drained(); };
  co_await until(never, order.begin);
  if (replaced()) co_return;
  const auto deadline = order.within ? steady_clock::now() + *order.within : kNever;
  running_.relay.drain_classic(listeners);
  const auto classic_gone = [this] { return running_.relay.drained(Protocol::classic); };
  co_await until(classic_gone, deadline == kNever ? kNever : deadline - running_.relay.time_to_tell(order.within));
  if (replaced()) co_return;
  running_.relay.drain_relay(listeners, running_.relay.time_to_tell(order.within));
  co_await until(all_gone, deadline);
  if (!replaced() && !running_.relay.drained()) {
    running_.relay.end_sessions(EndReason::draining, false);
    co_await until(all_gone, steady_clock::now() + kLastWords);
  }
  if (replaced()) co_return;
  may_stop_ = order.for_good;
  running_.relay.events().tell("drained", {});
  if (!may_stop_) log_event(Level::info, "drained", {{"remedy", "undrain, or tell the process to end"}});
}

// --- the rest

KeyRotation Operator::rotate_keys() {
  const ClassicKeys keys = running_.relay.counts().key_pool.keys;
  const std::size_t dropped = running_.relay.rotate_keys();
  running_.relay.events().tell("keys-rotated", {{"dropped", static_cast<double>(dropped)}});
  return {.keys = keys, .dropped = keys == ClassicKeys::shared ? 0 : dropped};
}

LogLevelView Operator::log_level_now() const {
  const std::string& configured = running_.invocation.config.log.level;
  if (!other_log_level_) return {.level = configured, .configured = configured, .until = {}};
  return {.level = other_log_level_->level, .configured = configured, .until = other_log_level_->until};
}

void Operator::use_configured_log_level() {
  other_log_level_.reset();
  log_level_timer_.cancel();
  parley::set_log_level(running_.invocation.config.log.level);
}

tl::expected<LogLevelView, NotDone> Operator::log_level() const {
  return ask<LogLevelView>([this]() -> tl::expected<LogLevelView, NotDone> { return log_level_now(); });
}

tl::expected<LogLevelView, NotDone> Operator::set_log_level(std::string_view level,
                                                            std::optional<std::chrono::seconds> time) {
  return ask<LogLevelView>([this, level = std::string(level), time]() -> tl::expected<LogLevelView, NotDone> {
    if (!parley::set_log_level(level)) return tl::unexpected(NotDone{NotDone::Kind::invalid, "no such level"});
    other_log_level_ = OtherLogLevel{level, {}};
    log_level_timer_.cancel();
    if (time) {
      other_log_level_->until = std::chrono::system_clock::now() + *time;
      log_level_timer_.expires_after(*time);
      log_level_timer_.async_wait([this](const asio::error_code& cancelled) {
        if (!cancelled && log_level_timer_.expiry() <= steady_clock::now()) use_configured_log_level();
      });
    }
    return log_level_now();
  });
}

tl::expected<std::vector<ConfiguredValue>, NotDone> Operator::configuration() const {
  using Values = std::vector<ConfiguredValue>;
  return ask<Values>([this]() -> tl::expected<Values, NotDone> {
    Values values;
    for (const config::Setting& setting : running_.invocation.settings) values.push_back(to_view(setting));
    return values;
  });
}

}  // namespace parley

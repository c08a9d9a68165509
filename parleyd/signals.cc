#include "parleyd/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "service/log/log.h"
#include "service/threads/thread.h"

namespace parley {

namespace {

// SIGPIPE is none of these: writes say what has gone wrong themselves.
constexpr int kHeld[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGXFSZ};
constexpr int kStops[] = {SIGTERM, SIGINT};
// Makes the thread look at what has changed. From outside it does no harm.
constexpr int kWake = SIGUSR2;
// What the last line in the log is given.
constexpr milliseconds kLastLine{250};

sigset_t set_of(auto&&... lists) {
  sigset_t set;
  sigemptyset(&set);
  (std::ranges::for_each(lists, [&set](int signal) { sigaddset(&set, signal); }), ...);
  return set;
}

}  // namespace

void hold_signals() {
  const sigset_t held = set_of(kHeld);
  ::pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

void let_stop_signals_end() {
  const sigset_t stops = set_of(kStops);
  ::pthread_sigmask(SIG_UNBLOCK, &stops, nullptr);
}

Signals::Signals(milliseconds patience, OnStop on_stop, OnHangup on_hangup)
    : on_stop_(std::move(on_stop)), on_hangup_(std::move(on_hangup)), patience_(patience) {
  const sigset_t stops = set_of(kStops);
  ::pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = start_thread({.name = "signals"}, [this] { run(); });
}

Signals::~Signals() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ::pthread_kill(thread_.native_handle(), kWake);
  thread_.join();
}

void Signals::set_patience(milliseconds patience) {
  const std::lock_guard lock(mutex_);
  patience_ = patience;
}

void Signals::end_within(milliseconds time) {
  const std::lock_guard lock(mutex_);
  end_at(std::chrono::steady_clock::now() + time);
}

void Signals::leave_the_rest() {
  const std::lock_guard lock(mutex_);
  all_done_ = true;
  end_at(std::chrono::steady_clock::now() + kLeftovers);
}

void Signals::end_at(TimePoint moment) {
  if (!end_at_ || moment < *end_at_) end_at_ = moment;
  ::pthread_kill(thread_.native_handle(), kWake);
}

std::chrono::nanoseconds Signals::left() {
  const std::lock_guard lock(mutex_);
  if (!end_at_) return std::chrono::hours{24};
  return std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds(*end_at_ - std::chrono::steady_clock::now()));
}

void Signals::run() {
  const sigset_t all = set_of(kHeld, kStops);
  while (true) {
    const auto time = left();
    if (time.count() == 0) end_by_force();
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const timespec wait{.tv_sec = whole.count(), .tv_nsec = (time - whole).count()};
    const int signal = ::sigtimedwait(&all, nullptr, &wait);
    {
      const std::lock_guard lock(mutex_);
      if (over_) return;
    }
    if (signal > 0) take(signal);
  }
}

void Signals::take(int signal) {
  if (signal == SIGHUP) return on_hangup_();
  if (std::ranges::find(kStops, signal) == std::end(kStops)) return;
  if (++stops_ > 2) end_by_force();
  {
    const std::lock_guard lock(mutex_);
    const milliseconds time = stops_ == 1 ? patience_ : kAtOnce;
    if (time.count() > 0) end_at(std::chrono::steady_clock::now() + time);
  }
  on_stop_(signal, stops_);
}

void Signals::end_by_force() {
  {
    const std::lock_guard lock(mutex_);
    if (all_done_) ::_exit(0);
  }
  log_event(Level::critical, "ended by force: something had not ended in time");
  stop_logging(kLastLine);
  ::_exit(kEndedByForce);
}

}  // namespace parley

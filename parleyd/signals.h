#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "service/loop/clock.h"
#include "service/settings/settings.h"

namespace parley {

// The status of a process that had been told to stop, and ended although something in it had not.
constexpr int kEndedByForce = 3;

// The first thing that main() does: holds back SIGHUP, and those by which other programs are told to open their logs
// again (SIGUSR1, SIGUSR2, SIGALRM and their like), any of which would end the process as long as nobody takes them.
void hold_signals();
// SIGTERM and SIGINT end the process again, as they do at first: for when nobody is left who could take them.
void let_stop_signals_end();

// Takes the process's signals on a thread of its own, so that it can be ended whatever else is stuck: nothing on the
// way out is waited for without an end. Made before any other thread, in the thread that has called hold_signals().
class Signals {
 public:
  // What is done at a signal, on the thread of Signals: to stop, told which signal and how many there have been, and
  // SIGHUP.
  using OnStop = std::function<void(int signal, int times)>;
  using OnHangup = std::function<void()>;

  // How long everything has to end once it is asked to do so at once.
  static constexpr milliseconds kAtOnce{1500};
  static constexpr milliseconds kLeftovers{500};

  // `patience`: see set_patience().
  Signals(milliseconds patience, OnStop on_stop, OnHangup on_hangup);
  // From here on nothing is reacted to.
  ~Signals();

  // How long everything has to end after the first signal to stop; zero: for ever. After the second it has kAtOnce, at
  // a third it ends.
  void set_patience(milliseconds patience);
  // The process is to have ended by then, or ends by force: with a line in the log, and kEndedByForce. The earliest
  // moment counts.
  void end_within(milliseconds time);
  // All is said and done: what is left, threads and memory, has kLeftovers and is not worth a word.
  void leave_the_rest();

 private:
  void run();
  void take(int signal);
  void end_at(TimePoint moment);  // with mutex_ held
  // The time until the process ends by force; as long as nothing is to end, a day.
  std::chrono::nanoseconds left();
  [[noreturn]] void end_by_force();

  const OnStop on_stop_;
  const OnHangup on_hangup_;
  std::mutex mutex_;
  milliseconds patience_;  // guarded by mutex_, as all below
  std::optional<TimePoint> end_at_;
  bool over_ = false;
  bool all_done_ = false;
  int stops_ = 0;  // the thread's own
  std::thread thread_;
};

}  // namespace parley

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli-client/base/clock.h"
#include "cli-client/engine/engine.h"
#include "cli-client/probe/report.h"

namespace parley::client {

// Both ends of a conversation in one program, to see whether a relay is well: they meet, a message goes there and
// another back, and, if that is wanted, one side loses its connection and takes its place back by its token. As a chat
// does it, encrypted end to end. Single-threaded, and nothing blocks: wait() for engines(), then advance().
class SelfMeeting {
 public:
  struct Options {
    Patience patience;
    std::chrono::milliseconds limit;  // for all of it
    bool resumes = false;
  };

  SelfMeeting(const Meeting& meeting, const World& world, const Options& options, TimePoint now);

  // Those that still go on.
  std::vector<Engine*> engines();
  // When to call advance() at the latest.
  TimePoint deadline() const { return stage_ < Stage::leaving ? gives_up_at_ : gone_at_; }
  // After the engines have gone on.
  void advance(TimePoint now);

  // Both sides have left, or been given the time to.
  bool over() const { return stage_ == Stage::over; }
  // Once over(), unless it was abandoned.
  const Report& report() const { return report_; }
  // It is not wanted any more: both sides leave.
  void abandon(TimePoint now);

 private:
  enum class Stage { meeting, asking, answering, resuming, leaving, over };
  struct Side {
    Engine engine;
    int meetings = 0;  // greetings that came
    int messages = 0;  // that came
  };

  static void take_events(Side& side, TimePoint now);
  void say(Side& side, TimePoint now);
  void note_reached();
  bool go_on(TimePoint now);
  bool both_met_since(int first, int second) const;
  std::optional<Failure> failure(TimePoint now) const;
  Failure failure_of(const Outcome& outcome, TimePoint now) const;
  Failure late() const;
  Failure not_resumed() const;
  void leave(TimePoint now);

  const Options options_;
  const TimePoint begun_;
  const TimePoint gives_up_at_;
  Side first_;
  Side second_;
  Stage stage_ = Stage::meeting;
  TimePoint since_;    // the beginning of what is being measured
  TimePoint gone_at_;  // whether both have left or not
  // When the connection was lost.
  std::string session_;
  int first_meetings_ = 0;
  int second_meetings_ = 0;
  Report report_;
};

}  // namespace parley::client

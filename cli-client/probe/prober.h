#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/descriptor.h"
#include "cli-client/base/signals.h"
#include "cli-client/http/pages.h"
#include "cli-client/meeting/refusal.h"
#include "cli-client/probe/record.h"
#include "cli-client/probe/round_lines.h"
#include "cli-client/probe/round_times.h"
#include "cli-client/probe/self_meeting.h"

namespace parley::client {

// What a round goes to its relay with.
struct Approach {
  Meeting meeting;
  std::shared_ptr<const Trust> trust;
};

// Looks round after round whether a relay is well, until a signal comes; tells of each in a line, and of all of them to
// Prometheus. One thread, which no round, reader or HTTP client can hold up.
class Prober {
 public:
  struct Options {
    std::string relay;                // as it is to be called: HOST:PORT
    std::chrono::milliseconds every;  // from one round's beginning to the next one's
    std::chrono::milliseconds limit;  // for a round
    bool json = false;
  };
  // Asked for each round: its room and secret are its own, and files may have been renewed.
  using Prepare = std::function<tl::expected<Approach, Refusal>()>;

  // `listener`: for metrics; without one the lines are all there is.
  Prober(Options options, Prepare prepare, std::optional<Descriptor> listener);

  // The exit status.
  int run();

 private:
  struct Round {
    Round(const Approach& approach, const SelfMeeting::Options& options, TimePoint now);
    std::shared_ptr<const Trust> trust;  // `meeting` has a reference
    SelfMeeting meeting;
  };

  void begin_round(TimePoint now);
  void end_round(const Report& report);
  void tell(const Report& report);
  void wait();
  void take_signals(TimePoint now);
  std::optional<Page> page(std::string_view path) const;
  std::string summary() const;

  const Options options_;
  const Prepare prepare_;
  Signals signals_;
  RoundTimes times_;
  RoundLines lines_;
  RoundLines complaints_;
  std::optional<Pages> pages_;
  std::optional<Round> round_;
  std::uint64_t rounds_ = 0;  // begun
  Record record_;
  std::optional<int> status_;  // it is to end with that
};

}  // namespace parley::client

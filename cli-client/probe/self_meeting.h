#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli-client/base/clock.h"
#include "cli-client/engine/engine.h"

namespace parley::client {

// Both ends of a conversation in one program, to see whether a relay is well.
class SelfMeeting {
 public:
  using Milliseconds = std::chrono::duration<double, std::milli>;

  // What was found.
  struct Report {
    std::string address;
    Trust::By trusted_by{};
    std::string pin;
    Milliseconds lookup{}, tcp{}, tls{}, pairing{}, round_trip{};
  };

  // `trust` is kept by reference.
  SelfMeeting(const Meeting& meeting, const Trust& trust, const Patience& patience);

  // Meets, exchanges a message, and leaves. nullptr when all went well, else how one of them ended.
  const Outcome* run();
  // After run() went well.
  const Report& report() const { return report_; }

 private:
  bool step();
  // Waits for an event of this kind at one end; false when there will be none.
  template <class Event>
  bool await(Engine& engine);

  // How one of them has ended; nullptr while both go on.
  const Outcome* ended() const;

  Engine first_;
  Engine second_;
  const Engine::TimePoint gives_up_at_;
  std::optional<Outcome> late_;
  Report report_;
};

}  // namespace parley::client

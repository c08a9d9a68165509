#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli-client/base/signals.h"
#include "cli-client/engine/engine.h"
#include "cli-client/meeting/kept_place.h"
#include "cli-client/meeting/plan.h"

namespace parley::client {

// What chat, pipe, send and receive have in common: a conversation let go on until there is something to do, signals,
// and what there is to be told of it, once each. `plan` and `signals` are kept by reference.
class ConversationLoop {
 public:
  using TimePoint = Engine::TimePoint;

  ConversationLoop(const Plan& plan, Signals& signals, std::vector<std::string> features = {});
  ~ConversationLoop();

  enum class Output {
    ignored,
    watched,  // for its end: the reader of a pipe, or the terminal, is gone
    wanted,   // for room to write, too
  };
  struct Ready {
    bool input = false;
    bool output = false;
  };
  // Waits for more of the conversation, for a signal, for `input` when that is not -1, for standard output as asked, or
  // for `deadline`. The first signal to end at, or the end of the output, makes us leave; the second signal ends the
  // program.
  Ready wait(int input, Output output, std::optional<TimePoint> deadline = std::nullopt);

  // When it is over: waits for `input`. False when a signal to end at came, or the deadline has passed.
  bool wait_after_the_end(int input, TimePoint deadline);

  Engine& engine() { return engine_; }
  const Engine& engine() const { return engine_; }
  const Plan& plan() const { return plan_; }
  chat::Conversation& conversation() { return engine_.conversation(); }
  void leave() { engine_.leave(Engine::Clock::now()); }
  void taken(chat::MessageId id) { engine_.taken(id, Engine::Clock::now()); }

  bool over() const { return engine_.outcome().has_value(); }
  const Outcome& outcome() const { return *engine_.outcome(); }
  // The signal to end at; 0: none came.
  int signal() const { return signal_; }
  bool output_gone() const { return output_gone_; }
  // A signal that is not the conversation's concern (the window's size, stop); 0: no more.
  int next_other_signal();

  // The invite that was made for this, as text: once the relay has shown who it is, with its pin unless this system's
  // authorities vouch for it.
  std::optional<SecretText> invite() const;
  // The same, once.
  std::optional<SecretText> next_invite();
  // Where we are, when that has changed; nullptr otherwise. The end for want of trust is left to trust_after_asking().
  const Link* next_link();

 private:
  const Plan& plan_;
  Signals& signals_;
  KeptPlace place_;
  Engine engine_;
  int signal_ = 0;
  bool output_gone_ = false;
  std::vector<int> other_signals_;
  bool invite_shown_ = false;
  unsigned link_seen_ = 0;
};

}  // namespace parley::client

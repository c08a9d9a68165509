#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli-client/base/signals.h"
#include "cli-client/engine/engine.h"
#include "cli-client/meeting/kept_place.h"
#include "cli-client/meeting/plan.h"
#include "protocol/chat/purpose.h"

namespace parley::client {

// What chat, pipe, send and receive have in common: a conversation with who runs what fits `purpose`, let go on until
// there is something to do, signals, and what there is to be told of it, once each. `plan` and `signals` are kept by
// reference.
class ConversationLoop {
 public:
  using TimePoint = Engine::TimePoint;

  ConversationLoop(const Plan& plan, Signals& signals, chat::Purpose purpose);
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
  // What has come; nothing any more after fail().
  std::optional<chat::Event> next_event();

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
  // We go now, by our own decision. Of a chat that is no failure, so BYE is said if nothing is left to be taken and
  // acknowledged; who goes out of any other leaves something undone.
  void leave();
  // It cannot go on: outcome() will say `why`, a sentence for the user.
  void fail(std::string why);
  // Because of this, which nobody sends who runs what fits.
  void fail_for(const chat::Message& message);
  bool failed() const { return failed_; }
  void taken(chat::MessageId id);

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
  void watch_the_end(TimePoint now);
  std::optional<TimePoint> leaves_at() const;
  std::optional<TimePoint> tell_of_a_long_goodbye();

  const Plan& plan_;
  Signals& signals_;
  const chat::Purpose purpose_;
  KeptPlace place_;
  Engine engine_;
  bool failed_ = false;
  int signal_ = 0;
  TimePoint signalled_at_;
  bool told_of_goodbye_ = false;
  bool output_gone_ = false;
  std::vector<int> other_signals_;
  bool invite_shown_ = false;
  unsigned link_seen_ = 0;
  // For the last words of the other side.
  bool was_together_ = false;  // ever
  bool reachable_ = false;     // when last looked at
  bool has_bye_ = false;       // the other side has ours
  TimePoint quiet_since_;      // as long as those are as they are, and nothing has been taken
};

}  // namespace parley::client

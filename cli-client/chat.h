#pragma once

#include <deque>
#include <optional>
#include <string>

#include "chat_view.h"
#include "engine/engine.h"
#include "meeting_options.h"
#include "signals.h"

namespace parley::client {

// A chat over the engine: what comes goes to the view, lines become texts, and the end is reached in good order.
// Everything is kept by reference.
class Chat {
 public:
  using TimePoint = Engine::TimePoint;

  Chat(const Plan& plan, Engine& engine, Signals& signals, ChatView& view)
      : plan_(plan), engine_(engine), signals_(signals), view_(view) {}

  // Shows what has come and waits for more, for a signal, for `input` when that is not -1, or for `deadline`. True when
  // the input can be read.
  bool step(int input, std::optional<TimePoint> deadline = std::nullopt);
  // Whether it is over; see outcome().
  bool over() const { return engine_.outcome().has_value(); }
  const Outcome& outcome() const { return *engine_.outcome(); }
  // The signal to end at; 0: none came.
  int signal() const { return signal_; }
  bool view_closed() const { return view_closed_; }

  // Whether send() may be called; not when too much waits for the other side, or either is leaving.
  bool can_send() const;
  // Any length: it becomes as many texts as are needed, for which there may have to be waited in between.
  void send(std::string_view text);
  void typing();
  void rename(std::string name);
  // Leaves when all that was said is with the other side; at once when there is nothing more to wait for.
  void finish();
  void leave() { engine_.leave(Engine::Clock::now()); }

  // How many texts are not with the other side yet.
  std::uint64_t unsettled() const { return sent_ - acknowledged_; }
  bool finishing() const { return engine_.conversation().finishing(); }
  bool other_left() const { return other_left_; }
  bool heard() const { return last_heard_.has_value(); }
  bool spoke() const { return spoke_; }
  // The last of: a text came, all of ours was acknowledged, the other side came.
  TimePoint last_event() const { return last_event_; }
  std::string partner() const { return name_or(partner_, "them"); }
  // What /who says.
  std::string who() const;
  Engine& engine() { return engine_; }
  const Plan& plan() const { return plan_; }

 private:
  void take_events();
  void take(const chat::Message& message);
  void show_invite();
  void watch_the_end();

  const Plan& plan_;
  Engine& engine_;
  Signals& signals_;
  ChatView& view_;

  std::string partner_;
  bool partner_seen_ = false;
  bool other_left_ = false;
  bool view_closed_ = false;
  bool invite_shown_ = false;
  bool spoke_ = false;
  unsigned link_seen_ = 0;
  int signal_ = 0;
  std::uint64_t sent_ = 0;  // texts, to this partner
  std::uint64_t acknowledged_ = 0;
  TimePoint last_event_ = Engine::Clock::now();
  std::optional<TimePoint> last_heard_;
  std::optional<TimePoint> last_typing_;
  std::optional<TimePoint> finished_at_;  // our BYE is with the other side
};

}  // namespace parley::client

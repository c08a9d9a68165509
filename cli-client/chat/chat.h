#pragma once

#include <deque>
#include <optional>
#include <string>

#include "cli-client/chat/files.h"
#include "cli-client/chat/view.h"
#include "cli-client/files/held_acknowledgements.h"
#include "cli-client/meeting/conversation_loop.h"

namespace parley::client {

// A chat: what comes goes to the view, lines become texts, and the end is reached in good order.
// Everything is kept by reference.
class Chat {
 public:
  using TimePoint = Engine::TimePoint;

  Chat(ConversationLoop& loop, ChatView& view, ChatFiles::Policy policy)
      : loop_(loop), view_(view), files_(loop.engine(), view, partner_, std::move(policy)) {}

  // Shows what has come and waits for more, for a signal, for `input` when that is not -1, or for `deadline`. True when
  // the input can be read.
  bool step(int input, std::optional<TimePoint> deadline = std::nullopt);
  // Whether it is over; see outcome().
  bool over() const { return loop_.over(); }
  const Outcome& outcome() const { return loop_.outcome(); }
  // The signal to end at; 0: none came.
  int signal() const { return loop_.signal(); }
  bool view_closed() const { return view_closed_ || loop_.output_gone(); }
  int output_error() const { return view_.output_error(); }

  // Whether send() may be called; not when too much waits for the other side, or either is leaving.
  bool can_send() const;
  // Any length: it becomes as many texts as are needed, for which there may have to be waited in between.
  void send(std::string_view text);
  void typing();
  // What the other side is to call us; none: nothing.
  void rename(std::string name);
  // Leaves when all that was said is with the other side; at once when there is nothing more to wait for.
  void finish();
  // What the user says about files, and how these are.
  ChatFiles& files() { return files_; }

  // How many texts are not with the other side yet.
  std::uint64_t unsettled() const { return unacknowledged_.size(); }
  // Nothing more can be said.
  bool finishing() const { return finishing_; }
  bool other_left() const { return other_left_; }
  bool heard() const { return last_heard_.has_value(); }
  bool spoke() const { return spoke_; }
  // The last of: a text came, all of ours was acknowledged, the other side came.
  TimePoint last_event() const { return last_event_; }
  // What /who says.
  std::string who() const;
  ConversationLoop& loop() { return loop_; }

 private:
  void tell_how_far();
  void take_events();
  bool take(const chat::Message& message);
  void take(const chat::Restarted& restarted);
  void take(const chat::Acknowledged& acknowledged);
  void show_unacknowledged();
  void watch_the_end();

  ConversationLoop& loop_;
  ChatView& view_;
  ChatFiles files_;
  HeldAcknowledgements acknowledgements_;

  std::string partner_;
  bool partner_seen_ = false;
  bool other_left_ = false;  // and not as its answer to our leaving
  bool said_bye_ = false;    // the other side: nothing more comes from it
  bool view_closed_ = false;
  bool spoke_ = false;
  bool finishing_ = false;
  bool ended_ = false;
  std::deque<std::uint64_t> unacknowledged_;  // the numbers of texts
  std::uint64_t acknowledged_ = 0;            // texts, by this partner
  TimePoint last_event_ = Engine::Clock::now();
  std::optional<TimePoint> last_heard_;
  std::optional<TimePoint> last_typing_;
};

}  // namespace parley::client

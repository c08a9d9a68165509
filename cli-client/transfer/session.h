#pragma once

#include <optional>
#include <string>

#include "cli-client/files/outlet.h"
#include "cli-client/meeting/conversation_loop.h"
#include "cli-client/transfer/display.h"

namespace parley::client {

// What sending and receiving have in common beyond the loop: one side sends and the other receives, what is shown
// meanwhile, and the end.
class TransferSession : public Outlet {
 public:
  // `plan` and what follows are kept by reference. `role`, "send" or "receive", is told as a feature: two of the same
  // have nothing to say to each other.
  TransferSession(const Plan& plan, Signals& signals, bool qr, TransferDisplay& display, const std::string& role);

  bool can_send(chat::Type type, std::size_t body_bytes) override;
  std::uint64_t send(chat::Type type, Bytes body) override;
  void send_comparing(const chat::Comparing& comparing) override;

  ConversationLoop& loop() { return loop_; }
  // The next Message, Restarted, Acknowledged or Comparing; the other events are dealt with here.
  std::optional<chat::Event> next_event();

  // Until there is something to do: at once when `busy`, or at `deadline`. True when `input` can be read, which is -1
  // for none.
  bool wait(bool busy, int input = -1, std::optional<Engine::TimePoint> deadline = std::nullopt);
  // Says what has changed of the conversation, as wait() does.
  void tell();

  // It cannot go on: the reason is for the user.
  void fail(std::string reason);
  // The exit status, with its sentence. `complete`: everything asked for has been done, or has been said to have
  // failed; `failures`: some of it has.
  int end(bool complete, bool failures);

 private:
  void on_paired(const chat::Paired& paired);
  void tell_link();
  bool redraws() const;
  std::optional<Engine::TimePoint> goodbye_ends();
  std::string how_to_go_on() const;

  const std::string role_;
  ConversationLoop loop_;
  TransferDisplay& display_;
  const bool qr_;
  bool met_ = false;
  bool told_together_ = false;
  std::string failure_;
  std::optional<Engine::TimePoint> finished_at_;  // the other side has our BYE
};

}  // namespace parley::client

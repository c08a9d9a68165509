#pragma once

#include <optional>
#include <string>

#include "base/secret.h"
#include "cli-client/files/outlet.h"
#include "cli-client/meeting/conversation_loop.h"
#include "cli-client/transfer/display.h"

namespace parley::client {

// What sending and receiving have in common beyond the loop: one side sends and the other receives, what is shown
// meanwhile, and the end.
class TransferSession : public Outlet {
 public:
  // How it was started.
  struct Started {
    std::string command;                     // with its arguments, but without an invite
    const std::optional<SecretText>& given;  // the invite that was an argument
  };

  // `plan` and what follows are kept by reference. `purpose`: send or receive.
  TransferSession(const Plan& plan, Signals& signals, bool qr, TransferDisplay& display, chat::Purpose purpose,
                  Started started);

  bool can_send(chat::Type type, std::size_t body_bytes) override;
  std::uint64_t send(chat::Type type, Bytes body) override;
  void send_comparing(const chat::Comparing& comparing) override;
  bool tells_stored() const override;
  void stored(chat::MessageId id) override;

  ConversationLoop& loop() { return loop_; }
  // The next Message, Restarted, Acknowledged or Comparing; the other events are dealt with here.
  std::optional<chat::Event> next_event();

  // Until there is something to do: at once when `busy`, or at `deadline`. True when `input` can be read, which is -1
  // for none.
  bool wait(bool busy, int input = -1, std::optional<Engine::TimePoint> deadline = std::nullopt);
  // Says what has changed of the conversation, as wait() does.
  void tell();

  // The exit status, with its sentence. `complete`: everything asked for has been done, or has been said to have
  // failed; `failures`: some of it has.
  int end(bool complete, bool failures);

 private:
  void tell_link();
  bool redraws() const;
  void obey_signals();
  bool may_be_hurried() const;
  void hurry();
  std::string how_to_go_on() const;

  const bool sends_;
  const Started started_;
  ConversationLoop loop_;
  TransferDisplay& display_;
  const bool qr_;
  bool met_ = false;
  bool told_together_ = false;
  bool input_ended_ = false;
};

}  // namespace parley::client

#pragma once

#include <poll.h>

#include <optional>
#include <string>

#include "engine/engine.h"
#include "files/outlet.h"
#include "news.h"
#include "signals.h"
#include "transfer_display.h"

namespace parley::client {

// What sending and receiving have in common: the engine pumped, signals, what is shown meanwhile, and the end.
class TransferSession : public Outlet {
 public:
  // `plan` and what follows are kept by reference. `role`, "send" or "receive", is told as a feature: two of the same
  // have nothing to say to each other.
  TransferSession(const Plan& plan, Signals& signals, bool qr, TransferDisplay& display, const std::string& role);

  bool can_send(chat::Type type, std::size_t body_bytes) override;
  std::uint64_t send(chat::Type type, chat::Bytes body) override;

  Engine& engine() { return engine_; }
  bool over() const { return engine_.outcome().has_value(); }
  // The next Message, Restarted or Acknowledged; the other events are dealt with here.
  std::optional<chat::Event> next_event();
  void taken(chat::MessageId id) { engine_.taken(id, Engine::Clock::now()); }

  // Until there is something to do: at once when `busy`. True when `input` can be read, which is -1 for none.
  bool wait(bool busy, int input = -1);

  // It cannot go on: the reason is for the user.
  void fail(std::string reason);
  // The exit status, with its sentence. `complete`: everything asked for has been done, or has been said to have
  // failed; `failures`: some of it has.
  int end(bool complete, bool failures, const std::string& incomplete);

 private:
  void tell();
  void on_paired(const chat::Paired& paired);

  const Plan& plan_;
  const std::string role_;
  Engine engine_;
  Signals& signals_;
  News news_;
  TransferDisplay& display_;
  unsigned told_ = 0;
  bool invite_shown_ = false;
  std::string failure_;
  int signal_ = 0;
};

}  // namespace parley::client

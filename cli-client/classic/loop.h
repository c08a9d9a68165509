#pragma once

#include <optional>
#include <system_error>

#include "cli-client/base/signals.h"
#include "cli-client/classic/conversation.h"
#include "cli-client/classic/ending.h"
#include "cli-client/terminal/display.h"

namespace parley::client {

// Moves bytes between a socket and a conversation with poll(2), and shows what comes, until the caller has
// something to do. Everything is kept by reference.
class ChatLoop {
 public:
  enum class Wake {
    input,        // standard input can be read
    line_wanted,  // the conversation takes a line
    over,         // see ending(), signal() and display_closed()
  };

  ChatLoop(int socket, Signals& signals, ClassicConversation& conversation, Display& display);

  void show_on(Display& display) { display_ = &display; }
  // Returns Wake::input or Wake::over.
  Wake run_until_input();
  // Returns Wake::line_wanted, at once when one is wanted already, or Wake::over.
  Wake run_until_line_wanted();
  // Leaves in good order: sends what is left, ends our direction and waits for the relay to end its own, which
  // it does when it has passed everything on; gives up after two seconds or at a signal.
  void leave();

  bool over() const;
  std::optional<Ending> ending() const { return conversation_.ending(Clock::now()); }
  // The signal to end at; 0: none came.
  int signal() const { return signal_; }
  bool display_closed() const { return display_closed_; }

 private:
  bool show_next();
  // Waits for the socket, a signal, `deadline` or, when asked to, standard input; true when that can be read.
  bool step(bool for_input, std::optional<TimePoint> deadline);
  void receive();
  void send();
  void take_signals();
  void tell_of_turns();

  const int socket_;
  Signals& signals_;
  ClassicConversation& conversation_;
  Display* display_;
  std::error_code send_error_;
  int signal_ = 0;
  bool told_of_turns_ = false;
  bool display_closed_ = false;
};

}  // namespace parley::client

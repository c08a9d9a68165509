#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli-client/meeting/conversation_loop.h"

namespace parley::client {

// `parley pipe`: standard input to the other side, and what it says to standard output, until both have ended. `loop`
// is kept by reference.
class Pipe {
 public:
  Pipe(ConversationLoop& loop, bool qr);

  // Until it is over.
  void run();
  // Says how it ended; returns the exit status.
  int finish();

 private:
  void step();
  void take_events();
  void take(const chat::Message& message);
  void read_input();
  void write_output();
  void fail(std::string text);

  ConversationLoop& loop_;
  const bool qr_;
  const std::size_t write_step_;
  std::optional<chat::Message> output_;  // being written
  std::size_t written_ = 0;
  bool input_ended_ = false;
  bool output_ended_ = false;  // the other side has said all
  bool all_sent_ = false;      // and the other side has it
  std::string failure_;
};

}  // namespace parley::client

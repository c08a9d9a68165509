#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cli-client/meeting/conversation_loop.h"
#include "cli-client/terminal/text_check.h"

namespace parley::client {

struct PipeOptions {
  bool qr = false;   // show a new invite as a QR code too
  bool raw = false;  // anything goes to a terminal
};

// `parley pipe`: standard input to the other side, and what it says to standard output, until both have ended. `loop`
// is kept by reference.
class Pipe {
 public:
  Pipe(ConversationLoop& loop, const PipeOptions& options);

  // Until it is over.
  void run();
  // Says how it ended; returns the exit status.
  int finish();

 private:
  void step();
  void take_events();
  void take(const chat::Message& message);
  void end_output();
  void read_input();
  void write_output();
  void tell_how_far();
  void fail(const std::string& why);

  ConversationLoop& loop_;
  const bool qr_;
  std::optional<TextCheck> check_;  // of what goes to a terminal
  const std::size_t write_step_;
  std::optional<chat::Message> output_;  // being written
  std::size_t written_ = 0;
  std::uint64_t bytes_in_ = 0;   // written to standard output
  std::uint64_t bytes_out_ = 0;  // read from standard input
  bool input_ended_ = false;
  bool output_ended_ = false;  // the other side has said all
};

}  // namespace parley::client

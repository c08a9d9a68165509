#pragma once

#include <termios.h>

#include <csignal>
#include <string>

#include "cli-client/base/signals.h"

namespace parley::client {

// While this lives, the terminal of standard input does not show what is typed. Signals that end or stop the program
// put it right first.
class HiddenInput {
 public:
  explicit HiddenInput(std::string prompt);
  ~HiddenInput();
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

  // Returns when standard input can be read.
  void await();

 private:
  void hide();
  void show();
  void obey(int signal);

  const std::string prompt_;
  sigset_t mask_before_{};
  termios before_{};
  bool is_terminal_ = false;
  Signals signals_;
};

}  // namespace parley::client

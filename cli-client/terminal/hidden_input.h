#pragma once

#include <termios.h>

#include <chrono>
#include <csignal>
#include <optional>
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

  // True when standard input can be read; false when it could not be `within` so long.
  bool await(std::optional<std::chrono::milliseconds> within = std::nullopt);
  // Shows what is typed from now on.
  void end();

 private:
  void hide();
  void show();
  void obey(int signal);

  const std::string prompt_;
  sigset_t mask_before_{};
  termios before_{};
  bool is_terminal_ = false;
  bool ended_ = false;
  Signals signals_;
};

}  // namespace parley::client

#pragma once

#include <optional>

#include "base/descriptor.h"

namespace parley::client {

// Signals as events of the poll loop, so that none of them cuts through the terminal's modes. Those in question
// are blocked for the rest of the process: SIGINT, SIGTERM and SIGHUP, on a terminal SIGQUIT too (those not ignored
// from the start, as nohup does), SIGUSR1, which asks how far things are, SIGWINCH, and on a terminal SIGTSTP and
// SIGCONT. Before there is one, and for all other signals: sudden_end.h.
class Signals {
 public:
  explicit Signals(bool terminal);

  // Whether it is one that the program is to end at.
  static bool ends(int number);

  int fd() const { return fd_.get(); }
  // The next signal that came; nullopt: no more.
  std::optional<int> next();

 private:
  Descriptor fd_;
};

}  // namespace parley::client

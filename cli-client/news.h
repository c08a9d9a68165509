#pragma once

#include <string>

#include "engine/engine.h"
#include "meeting_options.h"

namespace parley::client {

// Tells on standard error what a conversation in a pipe is waiting for, and the new invite.
class News {
 public:
  explicit News(const Plan& plan, bool qr) : plan_(plan), qr_(qr) {}

  // Says what has changed since the last time.
  void tell(const Engine& engine);

 private:
  const Plan& plan_;
  const bool qr_;
  bool invite_shown_ = false;
  unsigned seen_ = 0;
};

// "parley: ..." on standard error.
void say(const std::string& text);

}  // namespace parley::client

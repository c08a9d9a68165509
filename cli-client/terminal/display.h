#pragma once

#include <string_view>

namespace parley::client {

// Where a conversation is shown: a screen or a pipe.
class Display {
 public:
  virtual ~Display() = default;
  // What the other side said. False: nobody reads what is shown any more.
  virtual bool message(std::string_view text) = 0;
  // What the user should know about the conversation.
  virtual void status(std::string_view text) = 0;
  // A signal came that is not the conversation's concern: the window's size, stop.
  virtual void signal(int number) = 0;
};

}  // namespace parley::client

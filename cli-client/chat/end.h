#pragma once

#include <string>

namespace parley::client {

// How a chat in a pipe ended.
struct ChatEnd {
  int status;           // to exit with
  std::string text;     // for people: empty where that goes without saying
  std::string outcome;  // for programs: see outcome_label(), and "interrupted"
  std::string reason;   // and a sentence of it, always
};

}  // namespace parley::client

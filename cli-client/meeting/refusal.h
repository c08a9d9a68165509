#pragma once

#include <string>
#include <utility>

#include "cli-client/base/exit_status.h"

namespace parley::client {

// Why a command does not begin: a sentence for its user, and the exit status.
struct Refusal {
  ExitStatus status;
  std::string text;
};

// Of what was asked for.
inline Refusal usage(std::string text) { return {ExitStatus::usage, std::move(text)}; }

}  // namespace parley::client

#pragma once

#include <CLI/CLI.hpp>

#include "cli-client/meeting/options.h"
#include "cli-client/meeting/relay_options.h"

namespace parley::client {

// Options that several commands have.

// Groups of options, in --help.
inline constexpr const char* kWhereGroup = "Where to meet";
inline constexpr const char* kTrustGroup = "Whom to trust, and as whom to come";
inline constexpr const char* kShownGroup = "What is shown";

// What CLI11 wants of a check of times.
extern const CLI::Validator kTimeCheck;

void add_relay_options(CLI::App& command, RelayOptions& options);
void add_meeting_options(CLI::App& command, MeetingOptions& options);

}  // namespace parley::client

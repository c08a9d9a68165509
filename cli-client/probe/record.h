#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "cli-client/probe/report.h"

namespace parley::client {

// What all rounds have found of a relay.
struct Record {
  std::uint64_t successes = 0;
  std::array<std::uint64_t, kCauseWords.size()> failures{};  // by Cause
  std::optional<Report> last;
  std::optional<std::time_t> last_success;
  std::optional<std::time_t> certificate_expires;  // when last seen

  // Of a round that has ended now.
  void add(const Report& report, std::time_t now);
  std::uint64_t failed() const;
};

// For Prometheus, in its text format; docs/operations.md has the list. `relay`: HOST:PORT.
std::string metrics_text(const Record& record, const std::string& relay);

}  // namespace parley::client

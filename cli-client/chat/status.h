#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli-client/engine/link.h"
#include "cli-client/files/progress_meter.h"

namespace parley::client {

// What the status line of a chat is made of.
struct ChatStatus {
  using TimePoint = std::chrono::steady_clock::time_point;

  // Files that are under way, one way.
  struct Transfer {
    bool incoming;
    const ProgressMeter* meter;  // not nullptr; kept
    std::string name{};          // safe to show
    const char* doing() const { return incoming ? "receiving" : "sending"; }
  };

  Link link;
  bool readable_by_relay = false;
  bool leaving = false;
  std::optional<TimePoint> typing_until;
  std::vector<Transfer> transfers;
  std::uint64_t unsettled = 0;  // texts that are not with the other side
  std::optional<TimePoint> unsettled_since;
};

// One line: "connected with bob · bob is typing", "connecting again in 3 s · 2 messages wait · the relay is full". What
// matters most comes first, as what is beyond `columns` may be cut off: while files go, that is how far they are.
std::string status_line(const ChatStatus& status, ChatStatus::TimePoint now, std::size_t columns);
// When the line will be another without anything happening.
std::optional<ChatStatus::TimePoint> status_changes_at(const ChatStatus& status, ChatStatus::TimePoint now);

}  // namespace parley::client

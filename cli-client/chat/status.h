#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli-client/engine/link.h"

namespace parley::client {

// What the status line of a chat is made of.
struct ChatStatus {
  using TimePoint = std::chrono::steady_clock::time_point;

  Link link;
  bool readable_by_relay = false;
  bool leaving = false;
  std::optional<TimePoint> typing_until;
  std::string transfer;         // how far files are; empty without any
  std::uint64_t unsettled = 0;  // texts that are not with the other side
  std::optional<TimePoint> unsettled_since;
};

// One line: "connected with bob · bob is typing", "connecting again in 3 s · 2 messages wait · the relay is full".
std::string status_line(const ChatStatus& status, ChatStatus::TimePoint now);
// When the line will be another without anything happening.
std::optional<ChatStatus::TimePoint> status_changes_at(const ChatStatus& status, ChatStatus::TimePoint now);

}  // namespace parley::client

#include "cli-client/chat/status.h"

#include <algorithm>

namespace parley::client {
namespace {

// Acknowledgements take a moment; to show every one of them would make the line flicker.
constexpr std::chrono::seconds kUnsettledShown{2};

}  // namespace

std::string status_line(const ChatStatus& status, ChatStatus::TimePoint now) {
  const bool together = status.link.state == Link::State::together;
  std::string text = status.leaving ? "leaving" : brief_link_text(status.link, now);
  if (status.leaving && !together && status.link.state != Link::State::leaving) {
    text += " · " + brief_link_text(status.link, now);
  }
  if (together && status.readable_by_relay) text += " · the relay can read this";
  if (together && status.typing_until && now < *status.typing_until) {
    text += " · " + (status.link.partner.empty() ? "they are typing" : status.link.partner + " is typing");
  }
  if (!status.transfer.empty()) text += " · " + status.transfer;
  const bool late = status.unsettled_since && now >= *status.unsettled_since + kUnsettledShown;
  if (status.unsettled > 0 && (!together || late || status.leaving)) {
    text += " · " + std::to_string(status.unsettled) + (status.unsettled == 1 ? " message waits" : " messages wait");
  }
  const bool waits = status.unsettled > 0 || !status.transfer.empty() || !together;
  if (status.leaving && status.link.state != Link::State::leaving && waits) text += ", Ctrl-C leaves at once";
  // Last, as it is the longest, and the line is cut where the screen ends.
  if (const std::string why = reason(status.link); !why.empty()) text += " · " + why;
  return text;
}

std::optional<ChatStatus::TimePoint> status_changes_at(const ChatStatus& status, ChatStatus::TimePoint now) {
  std::optional<ChatStatus::TimePoint> first;
  const auto consider = [&](std::optional<ChatStatus::TimePoint> at) {
    if (at && *at > now && (!first || *at < *first)) first = at;
  };
  consider(status.typing_until);
  if (status.unsettled_since) consider(*status.unsettled_since + kUnsettledShown);
  // A countdown, which shows whole seconds.
  if (status.link.retry_at && *status.link.retry_at > now) {
    const auto left = *status.link.retry_at - now;
    consider(now + (left % std::chrono::seconds(1)) + std::chrono::milliseconds(1));
  }
  return first;
}

}  // namespace parley::client

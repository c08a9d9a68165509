#include "cli-client/chat/status.h"

#include <algorithm>

#include "cli-client/terminal/text_width.h"
#include "cli-client/transfer/progress_text.h"

namespace parley::client {
namespace {

// Acknowledgements take a moment; to show every one of them would make the line flicker.
constexpr std::chrono::seconds kUnsettledShown{2};
// So that the rate and the time left of files stay true when nothing comes.
constexpr std::chrono::milliseconds kRedraw{250};
// What "sending", a bar, a rate and a time left take.
constexpr std::size_t kTransferColumns = 48;
// Fewer say nothing of what they begin, and cost a column of what is in front, for the mark that it is cut.
constexpr std::size_t kLeastBehind = 12;
constexpr const char* kDot = " · ";
constexpr std::size_t kDotColumns = 3;

std::string transfers_text(const ChatStatus& status, ChatStatus::TimePoint now, std::size_t columns) {
  std::string text;
  const std::size_t count = status.transfers.size();
  const std::size_t each = (columns - std::min(columns, (count - 1) * kDotColumns)) / count;
  for (const ChatStatus::Transfer& one : status.transfers) {
    const bool narrow = each < kTransferColumns;
    const std::string doing = narrow ? one.incoming ? "↓" : "↑" : one.doing();
    const std::size_t room = each - std::min(each, columns_of(doing) + 1);
    text += (text.empty() ? "" : kDot) + doing + " " + progress_line(*one.meter, now, one.name, room);
  }
  return text;
}

}  // namespace

std::string status_line(const ChatStatus& status, ChatStatus::TimePoint now, std::size_t columns) {
  const bool together = status.link.state == Link::State::together;
  std::string text = status.leaving ? "leaving" : brief_link_text(status.link, now);
  if (status.leaving && !together && status.link.state != Link::State::leaving) {
    text += kDot + brief_link_text(status.link, now);
  }
  if (!status.leaving && status.link.state == Link::State::reconnecting) text += std::string(kDot) + "Enter: now";
  if (together && status.readable_by_relay) text += " · the relay can read this";
  if (together && status.typing_until && now < *status.typing_until) {
    text += kDot + (status.link.partner.empty() ? "they are typing" : status.link.partner + " is typing");
  }
  if (!status.transfers.empty()) {
    const std::size_t used = columns_of(text) + kDotColumns;
    const std::size_t wanted = kTransferColumns * status.transfers.size();
    const bool first = together && !status.leaving && used + wanted > columns;
    const std::string files = transfers_text(status, now, first ? columns : columns - std::min(columns, used));
    if (!first) {
      text += kDot + files;
    } else if (columns_of(files) + kDotColumns + kLeastBehind <= columns) {
      text = files + kDot + text;
    } else {
      text = files;
    }
  }
  const bool late = status.unsettled_since && now >= *status.unsettled_since + kUnsettledShown;
  if (status.unsettled > 0 && (!together || late || status.leaving)) {
    text += kDot + std::to_string(status.unsettled) + (status.unsettled == 1 ? " message waits" : " messages wait");
  }
  const bool waits = status.unsettled > 0 || !status.transfers.empty() || !together;
  if (status.leaving && status.link.state != Link::State::leaving && waits) text += ", Ctrl-C leaves at once";
  // Last, as it is the longest, and the line is cut where the screen ends.
  if (const std::string why = reason(status.link); !why.empty()) text += kDot + why;
  return text;
}

std::optional<ChatStatus::TimePoint> status_changes_at(const ChatStatus& status, ChatStatus::TimePoint now) {
  std::optional<ChatStatus::TimePoint> first;
  const auto consider = [&](std::optional<ChatStatus::TimePoint> at) {
    if (at && *at > now && (!first || *at < *first)) first = at;
  };
  consider(status.typing_until);
  if (!status.transfers.empty()) consider(now + kRedraw);
  if (status.unsettled_since) consider(*status.unsettled_since + kUnsettledShown);
  // A countdown, which shows whole seconds.
  if (status.link.retry_at && *status.link.retry_at > now) {
    const auto left = *status.link.retry_at - now;
    consider(now + (left % std::chrono::seconds(1)) + std::chrono::milliseconds(1));
  }
  return first;
}

}  // namespace parley::client

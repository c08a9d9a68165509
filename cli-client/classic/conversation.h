#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli-client/base/clock.h"
#include "cli-client/classic/ending.h"
#include "cli-client/classic/outbound.h"
#include "protocol/classic/key_reader.h"
#include "protocol/classic/private_key.h"
#include "protocol/classic/public_key.h"

namespace parley::client {

// When a conversation waits and when it leaves. nullopt: no limit.
struct ConversationRules {
  std::optional<std::chrono::milliseconds> key_timeout;  // for the relay's key
  std::optional<std::chrono::milliseconds> linger;       // see leave_at(); 0: leave as soon as all is sent
  std::optional<std::chrono::milliseconds> wait;         // for a first sign of the other side, once the input is over
  bool turns = false;                                    // strict turns: one line out, one message in
  Pace pace = Pace::automatic;
};

// One client's side of a conversation over the classic protocol (docs/classic-protocol.md), with no I/O: bytes
// from the relay become events, lines become bytes for the relay, and points in time become the decision to leave.
// The relay does not say when the other side comes: its first message is the first sign of it.
class ClassicConversation {
 public:
  // At this many bytes held no more are wanted, either way. One call may go beyond it.
  static constexpr std::size_t kHeldBytes = std::size_t{64} * 1024;

  enum class EventKind { connected, message };
  struct Event {
    EventKind kind;
    std::string text;    // of a message
    bool first = false;  // the first message: the other side is there
  };

  // `own_key` is kept by reference. The first outbound bytes are its public half.
  ClassicConversation(const classic::PrivateKey& own_key, const ConversationRules& rules, TimePoint now);
  ~ClassicConversation();
  ClassicConversation(const ClassicConversation&) = delete;
  ClassicConversation& operator=(const ClassicConversation&) = delete;

  // From the relay. Taking turns, messages stay here unread while the turn is ours.
  bool wants_bytes() const { return !connection_end_ && inbound_.size() < kHeldBytes; }
  void receive(std::span<const std::byte> bytes, TimePoint now);
  // The connection ended; no error: in good order.
  void receive_end(std::error_code error, TimePoint now);
  std::optional<Event> next_event(TimePoint now);

  // To the relay. A line becomes one message, or several when it is longer than the relay's key holds.
  // Only when wants_line().
  bool wants_line() const;
  void send_line(std::string_view line);
  void end_input(TimePoint now);
  // What may be sent now. There may be more, that waits: see advance().
  std::span<const std::byte> outbound() const { return outbound_.ready(); }
  void sent(std::size_t bytes, TimePoint now);
  bool all_sent() const { return outbound_.empty(); }
  bool waits_for_answer() const { return outbound_.waits_for_answer(); }
  // To be called before outbound() is looked at: its time may have come, at next_outbound() or with a message.
  void advance(TimePoint now) { outbound_.advance(now); }
  std::optional<TimePoint> next_outbound() const { return outbound_.deadline(); }

  // Why it is over, once every event has been taken; nullopt while it goes on.
  std::optional<Ending> ending(TimePoint now) const;
  // When ending() may come to be without anything happening: the relay's key is late; or, after the input's end,
  // `linger` has passed since the last of: input's end, everything sent, a message from the other side. Without
  // any message so far leaving would lose what the relay still holds, so then it is `wait` that counts; and so it is
  // while what is to be sent waits for a message.
  std::optional<TimePoint> leave_at() const;

  bool connected() const { return relay_key_.has_value(); }
  bool heard() const { return last_heard_.has_value(); }
  bool connection_ended() const { return connection_end_.has_value(); }

 private:
  bool may_take_message() const;
  void take_key(std::span<const std::byte>& bytes, TimePoint now);
  void take_line_end(std::span<const std::byte>& bytes);
  Ending ending_of_connection() const;

  const classic::PrivateKey& own_key_;
  const ConversationRules rules_;
  const TimePoint begun_at_;

  classic::KeyReader key_reader_;
  std::optional<classic::PublicKey> relay_key_;
  bool connected_is_due_ = false;   // the event has not been taken yet
  bool line_end_is_due_ = true;     // of the relay's key
  std::vector<std::byte> inbound_;  // blocks not opened yet
  Outbound outbound_;
  bool our_turn_ = true;

  TimePoint connected_at_;
  TimePoint all_sent_at_;
  std::optional<TimePoint> last_heard_;
  std::optional<TimePoint> input_end_;
  struct ConnectionEnd {
    std::error_code error;
    TimePoint at;
    bool all_was_sent;
  };
  std::optional<ConnectionEnd> connection_end_;
  std::optional<Ending> fault_;  // what the relay sent cannot be gone on with
};

}  // namespace parley::client

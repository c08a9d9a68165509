#include "cli-client/classic/conversation.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace parley::client {
namespace {

// A relay that refuses our key closes one round trip after it; the end of a real conversation takes longer.
constexpr std::chrono::milliseconds kRefusalTime{500};
// Nobody refuses a key of so many bits for being too short; see Ending::closed_after_key.
constexpr std::size_t kLongKeyBytes = 2048 / 8;

// The first byte of TLS records that a server may begin with: of an alert, of its handshake (RFC 8446 5.1).
bool begins_as_tls(std::span<const std::byte> bytes) {
  return !bytes.empty() && (bytes[0] == std::byte{0x15} || bytes[0] == std::byte{0x16});
}

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

}  // namespace

ClassicConversation::ClassicConversation(const classic::PrivateKey& own_key, const ConversationRules& rules,
                                         TimePoint now)
    : own_key_(own_key),
      rules_(rules),
      begun_at_(now),
      outbound_(bytes_of(own_key.public_pem()), rules.pace),
      connected_at_(now),
      all_sent_at_(now) {}

ClassicConversation::~ClassicConversation() = default;

void ClassicConversation::receive(std::span<const std::byte> bytes, TimePoint now) {
  if (!relay_key_ && !fault_) take_key(bytes, now);
  if (fault_) return;
  if (relay_key_ && line_end_is_due_) take_line_end(bytes);
  inbound_.insert(inbound_.end(), bytes.begin(), bytes.end());
}

void ClassicConversation::take_key(std::span<const std::byte>& bytes, TimePoint now) {
  // Something else that talks first (SSH, SMTP) is told from a relay at once: it completes the key, which is none.
  const bool is_tls = key_reader_.status() == classic::KeyReader::Status::need_more && begins_as_tls(bytes);
  bytes = bytes.subspan(key_reader_.feed(bytes));
  if (key_reader_.status() == classic::KeyReader::Status::need_more) return;
  if (key_reader_.status() == classic::KeyReader::Status::complete) {
    if (auto key = classic::PublicKey::from_pem(key_reader_.pem())) relay_key_ = std::move(*key);
  }
  key_reader_.release();
  if (!relay_key_) {
    fault_ = is_tls ? Ending::speaks_tls : Ending::not_a_relay;
    return;
  }
  outbound_.begin(relay_key_->block_bytes(), now);
  connected_is_due_ = true;
  connected_at_ = now;
}

void ClassicConversation::take_line_end(std::span<const std::byte>& bytes) {
  inbound_.insert(inbound_.end(), bytes.begin(), bytes.end());
  bytes = {};
  if (inbound_.empty() || (inbound_.size() == 1 && inbound_[0] == std::byte{'\r'})) return;
  const auto dropped = static_cast<std::ptrdiff_t>(classic::KeyReader::line_end_bytes(inbound_));
  inbound_.erase(inbound_.begin(), inbound_.begin() + dropped);
  line_end_is_due_ = false;
}

void ClassicConversation::receive_end(std::error_code error, TimePoint now) {
  if (!connection_end_) connection_end_ = {error, now, all_sent()};
}

bool ClassicConversation::may_take_message() const {
  // At the connection's end there are no more turns to wait for.
  const bool turn = !rules_.turns || !our_turn_ || connection_end_;
  return relay_key_ && !line_end_is_due_ && !fault_ && turn && inbound_.size() >= own_key_.block_bytes();
}

std::optional<ClassicConversation::Event> ClassicConversation::next_event(TimePoint now) {
  if (std::exchange(connected_is_due_, false)) return Event{EventKind::connected, {}};
  if (!may_take_message()) return std::nullopt;

  const std::size_t block_bytes = own_key_.block_bytes();
  std::string text(block_bytes, '\0');
  const auto length = own_key_.open(std::span(inbound_).first(block_bytes),
                                    std::as_writable_bytes(std::span(text.data(), block_bytes)));
  inbound_.erase(inbound_.begin(), inbound_.begin() + static_cast<std::ptrdiff_t>(block_bytes));
  if (!length) {
    fault_ = Ending::bad_block;
    return std::nullopt;
  }
  OPENSSL_cleanse(text.data() + *length, block_bytes - *length);
  text.resize(*length);
  our_turn_ = true;
  outbound_.answered(now);
  const bool first = !last_heard_;
  last_heard_ = now;
  return Event{EventKind::message, std::move(text), first};
}

bool ClassicConversation::wants_line() const {
  return relay_key_ && !fault_ && !connection_end_ && !input_end_ && outbound_.bytes() < kHeldBytes &&
         (!rules_.turns || our_turn_);
}

void ClassicConversation::send_line(std::string_view line) {
  auto rest = std::as_bytes(std::span(line));
  do {
    Bytes block(relay_key_->block_bytes());
    rest = rest.subspan(relay_key_->seal_front(rest, block));
    outbound_.put(block);
  } while (!rest.empty());
  our_turn_ = false;
}

void ClassicConversation::end_input(TimePoint now) {
  if (!input_end_) input_end_ = now;
}

void ClassicConversation::sent(std::size_t bytes, TimePoint now) {
  outbound_.sent(bytes, now);
  if (all_sent()) all_sent_at_ = now;
}

std::optional<TimePoint> ClassicConversation::leave_at() const {
  if (!relay_key_) return rules_.key_timeout ? std::optional(begun_at_ + *rules_.key_timeout) : std::nullopt;
  const bool stuck = waits_for_answer();
  if (!input_end_ || (!all_sent() && !stuck)) return std::nullopt;
  const TimePoint all_said = std::max(*input_end_, all_sent_at_);
  if (rules_.linger == std::chrono::milliseconds(0) && !stuck) return all_said;
  const auto& patience = last_heard_ && !stuck ? rules_.linger : rules_.wait;
  if (!patience) return std::nullopt;
  return std::max(all_said, last_heard_.value_or(all_said)) + *patience;
}

std::optional<Ending> ClassicConversation::ending(TimePoint now) const {
  if (fault_) return fault_;
  if (connected_is_due_ || may_take_message()) return std::nullopt;
  if (connection_end_) return ending_of_connection();
  const auto at = leave_at();
  if (!at || now < *at) return std::nullopt;
  if (!relay_key_) return Ending::no_key;
  const bool in_vain = (!last_heard_ || waits_for_answer()) && rules_.linger != std::chrono::milliseconds(0);
  return in_vain ? Ending::nobody_came : Ending::left;
}

Ending ClassicConversation::ending_of_connection() const {
  if (!relay_key_) return Ending::closed_before_key;
  const bool may_be_refusal = own_key_.block_bytes() < kLongKeyBytes;
  if (may_be_refusal && !last_heard_ && connection_end_->at - connected_at_ < kRefusalTime) {
    return Ending::closed_after_key;
  }
  if (connection_end_->error) return last_heard_ ? Ending::reset : Ending::reset_unheard;
  if (!line_end_is_due_ && !inbound_.empty()) return Ending::cut_short;
  if (!connection_end_->all_was_sent) return Ending::unsent;
  return last_heard_ ? Ending::other_left : Ending::ended_unheard;
}

}  // namespace parley::client

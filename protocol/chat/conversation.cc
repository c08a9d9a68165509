#include "protocol/chat/conversation.h"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "base/big_endian.h"
#include "base/openssl.h"
#include "base/utf8.h"
#include "protocol/chat/errc.h"

namespace parley::chat {
namespace {

bool names_stored(const std::vector<std::string>& features) {
  return std::ranges::find(features, kStoredFeature) != features.end();
}

bool is_bulk(Type type) { return type == Type::chunk || type == Type::stream; }

}  // namespace

ConversationId random_conversation() {
  ConversationId id{};
  // Without, two programs might take each other for themselves.
  must(RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), static_cast<int>(id.size())) == 1, "no randomness");
  return id;
}

Conversation::Conversation(Options options) : options_(std::move(options)), id_(options_.new_id()) {}

void Conversation::start_stream() {
  stop_stream();
  streaming_ = true;
  hello_due_ = true;
  outbox_.rewind();
}

void Conversation::stop_stream() {
  streaming_ = false;
  accepted_ = false;
  hello_due_ = false;
  typing_due_ = false;
  name_due_ = false;
  hellos_ = 0;
  reader_ = RecordReader();
  told_ = 0;
  stored_told_ = 0;
  ack_now_ = false;
  ack_at_.reset();
}

std::error_code Conversation::receive(ByteView bytes, Time now) {
  if (failed_ || !streaming_) {
    return failed_;
  }
  reader_.feed(bytes);
  for (;;) {
    const auto record = reader_.next();
    if (!record) {
      failed_ = record.error();
    } else if (*record) {
      failed_ = on_record(**record, now);
    }
    if (failed_ || !*record) {
      return failed_;
    }
  }
}

std::error_code Conversation::on_record(const RecordView& record, Time now) {
  if (record.type == Type::hello) {
    return on_hello(record.body, now);
  }
  if (!accepted_) {
    return Errc::hello_expected;
  }
  if (record.type == Type::typing) {
    events_.emplace_back(Typing{});
    return {};
  }
  if (record.type == Type::comparing) {
    const auto comparing = decode_comparing(record.body);
    if (!comparing) {
      return comparing.error();
    }
    events_.emplace_back(*comparing);
    return {};
  }
  if (record.type == Type::name) {
    if (!is_utf8(as_text(record.body))) {
      return Errc::bad_body;
    }
    events_.emplace_back(Renamed{std::string(as_text(record.body))});
    return {};
  }
  if (record.type == Type::stored) {
    return on_stored(decode_ack(record.body));
  }
  if (record.type == Type::ack) {
    const auto error = acknowledge(decode_ack(record.body));
    check_end(now);
    return error;
  }
  return on_numbered(record);
}

std::error_code Conversation::on_hello(ByteView body, Time now) {
  auto hello = decode_hello(body);
  if (!hello) {
    return hello.error();
  }
  if (hello->conversation == id_) {
    return Errc::reflected;
  }
  if (accepted_ || ++hellos_ > kMaxHellos) {
    return Errc::hello_unexpected;
  }
  if (peer_ && *peer_ != hello->conversation) {
    start_anew();
  }
  if (hello->peer && *hello->peer != id_) {
    return {};  // it starts anew once it has read our HELLO, and says so in another one
  }
  const bool resumed = peer_.has_value();
  peer_ = hello->conversation;
  tells_stored_ = names_stored(options_.features) && names_stored(hello->features);
  if (const auto error = acknowledge(hello->received)) {
    return error;
  }
  accepted_ = true;
  if (ending_since_) {
    ending_since_ = now;
  }
  events_.emplace_back(Paired{std::move(hello->name), std::move(hello->features), resumed});
  return {};
}

std::error_code Conversation::on_numbered(const RecordView& record) {
  if (record.sequence <= delivered_) {
    ack_now_ = true;
    return {};
  }
  if (other_bye_) {
    return Errc::after_bye;
  }
  if (record.sequence != delivered_ + 1) {
    return Errc::gap;
  }
  if (other_stream_ended_ && record.type != Type::bye) {
    return Errc::after_stream;
  }
  if (record.type == Type::text && !is_utf8(as_text(record.body))) {
    return Errc::bad_body;
  }
  delivered_ = record.sequence;
  untaken_.push_back(is_bulk(record.type) ? record.body.size() : kAckEveryBytes);
  other_stream_ended_ = record.type == Type::stream && record.body.empty();
  if (record.type == Type::bye) {
    other_bye_ = record.sequence;
  }
  events_.emplace_back(
      Message{record.type, {record.sequence, restarts_}, Bytes(record.body.begin(), record.body.end())});
  return {};
}

std::error_code Conversation::acknowledge(std::uint64_t sequence) {
  if (sequence > outbox_.last_sent()) {
    return Errc::never_sent;
  }
  if (sequence > outbox_.acknowledged()) {
    outbox_.acknowledge(sequence);
    tell_acknowledged();
    put_bye_when_due();
  }
  return {};
}

std::error_code Conversation::on_stored(std::uint64_t sequence) {
  if (sequence > outbox_.last_sent()) {
    return Errc::never_sent;
  }
  if (tells_stored_ && sequence > other_stored_) {
    other_stored_ = sequence;
    tell_acknowledged();
  }
  return {};
}

void Conversation::tell_acknowledged() {
  const std::uint64_t acknowledged = outbox_.acknowledged();
  events_.emplace_back(Acknowledged{acknowledged, tells_stored_ ? other_stored_ : acknowledged});
}

void Conversation::start_anew() {
  auto uncertain = outbox_.start_anew();
  comparing_due_.clear();
  std::erase_if(uncertain, [](const Outbox::Record& record) { return record.type == Type::bye; });
  // BYE is put when nothing else is left, so what is left now is BYE if it was put and never written.
  bye_put_ = bye_put_ && !outbox_.empty();
  id_ = options_.new_id();
  peer_.reset();
  ++restarts_;
  delivered_ = 0;
  taken_ = 0;
  told_ = 0;
  stored_ = 0;
  stored_told_ = 0;
  other_stored_ = 0;
  untaken_.clear();
  bytes_since_told_ = 0;
  other_stream_ended_ = false;
  other_bye_.reset();
  ending_since_.reset();
  ack_now_ = false;
  ack_at_.reset();
  hello_due_ = true;
  put_bye_when_due();
  events_.emplace_back(Restarted{std::move(uncertain)});
}

std::optional<Event> Conversation::next_event() {
  if (events_.empty()) {
    return std::nullopt;
  }
  std::optional<Event> event(std::move(events_.front()));
  events_.pop_front();
  return event;
}

void Conversation::taken(MessageId id, Time now) {
  if (id.restarts != restarts_) {
    return;  // of a conversation that is no more
  }
  for (; taken_ < std::min(id.sequence, delivered_); ++taken_) {
    bytes_since_told_ += untaken_.front();
    untaken_.pop_front();
  }
  if (taken_ > told_ && streaming_) {
    ack_now_ = ack_now_ || bytes_since_told_ >= kAckEveryBytes;
    if (!ack_at_) {
      ack_at_ = now + kAckDelay;
    }
  }
  check_end(now);
}

void Conversation::stored(MessageId id) {
  if (id.restarts == restarts_) stored_ = std::max(stored_, std::min(id.sequence, delivered_));
}

bool Conversation::can_send(Type type, std::size_t body_bytes) const {
  const auto bounds = length_bounds(type);
  return !finishing_ && !given_up_ && !over_ && bounds && is_numbered(type) && body_bytes >= bounds->min &&
         body_bytes <= bounds->max && outbox_.has_room(type, body_bytes);
}

std::uint64_t Conversation::send(Type type, Bytes body) { return outbox_.put(type, std::move(body)); }

void Conversation::send_typing() { typing_due_ = accepted_; }

void Conversation::send_comparing(const Comparing& comparing) {
  if (comparing_due_.size() == kMaxOpenFiles) comparing_due_.pop_front();
  comparing_due_.push_back(comparing);
}

void Conversation::rename(std::string name) {
  options_.name = std::move(name);
  // A HELLO that is still to be written, on this stream or the next, says it too.
  name_due_ = streaming_ && !hello_due_;
}

void Conversation::finish() {
  finishing_ = true;
  put_bye_when_due();
}

void Conversation::acknowledge_now() { ack_now_ = ack_now_ || (accepted_ && taken_ > told_); }

void Conversation::put_bye_when_due() {
  if (finishing_ && !bye_put_ && outbox_.empty()) {
    outbox_.put(Type::bye, {});
    bye_put_ = true;
  }
}

void Conversation::write(Bytes& out, std::size_t limit, Time now) {
  if (!streaming_) {
    return;
  }
  // Of a conversation that is given up only what has been taken is still said.
  const bool given_up = failed_ || given_up_;
  const std::size_t end = out.size() + limit;
  if (hello_due_ && !given_up) {
    append_record(out, {Type::hello, 0, encode(Hello{id_, peer_, taken_, options_.name, options_.features})});
    hello_due_ = false;
    told_ = taken_;
    bytes_since_told_ = 0;
    ack_now_ = false;
    ack_at_.reset();
  }
  if (accepted_ && ack_now_) {
    Bytes body;
    append_number(body, taken_, kAckBytes);
    append_record(out, {Type::ack, 0, body});
    told_ = taken_;
    bytes_since_told_ = 0;
    ack_now_ = false;
    ack_at_.reset();
  }
  if (stored_due()) {
    Bytes body;
    append_number(body, stored_, kAckBytes);
    append_record(out, {Type::stored, 0, body});
    stored_told_ = stored_;
  }
  if (given_up) {
    return;
  }
  if (accepted_ && name_due_) {
    append_record(out, {Type::name, 0, as_bytes(options_.name)});
    name_due_ = false;
  }
  if (accepted_ && typing_due_) {
    append_record(out, {Type::typing, 0, {}});
    typing_due_ = false;
  }
  for (; accepted_ && !comparing_due_.empty(); comparing_due_.pop_front()) {
    append_record(out, {Type::comparing, 0, encode(comparing_due_.front())});
  }
  std::uint64_t sequence = 0;
  while (accepted_ && out.size() < end) {
    const Outbox::Record* record = outbox_.next_unwritten(sequence);
    if (record == nullptr) {
      break;
    }
    append_record(out, {record->type, sequence, record->body});
    outbox_.mark_written();
  }
  check_end(now);
}

bool Conversation::wants_to_write() const {
  std::uint64_t sequence = 0;
  if (failed_ || given_up_) {
    return streaming_ && accepted_ && (ack_now_ || stored_due());
  }
  return streaming_ &&
         (hello_due_ || (accepted_ && (ack_now_ || stored_due() || typing_due_ || name_due_ ||
                                       !comparing_due_.empty() || outbox_.next_unwritten(sequence) != nullptr)));
}

void Conversation::check_end(Time now) {
  if (!heard_all() || !bye_put_ || given_up_) {
    return;
  }
  if (bye_acknowledged() && accepted_ && told_ >= *other_bye_) {
    over_ = true;
  }
  // What is still open is an acknowledgement of BYE, ours or theirs, that was lost with a stream.
  const bool bye_written = outbox_.empty() || outbox_.last_sent() == outbox_.last();
  if (!ending_since_ && bye_written) {
    ending_since_ = now;
  }
}

std::optional<Conversation::Time> Conversation::leave_at() const {
  if (!ending_since_) {
    return std::nullopt;
  }
  return *ending_since_ + (accepted_ ? kEndingWait : kAwayEndingWait);
}

std::optional<Conversation::Time> Conversation::deadline() const {
  if (over_) {
    return std::nullopt;
  }
  const auto leave = leave_at();
  if (ack_at_ && !ack_now_ && leave) {
    return std::min(*ack_at_, *leave);
  }
  return ack_at_ && !ack_now_ ? ack_at_ : leave;
}

void Conversation::advance(Time now) {
  if (ack_at_ && now >= *ack_at_) {
    ack_now_ = true;
  }
  if (const auto leave = leave_at(); leave && now >= *leave) {
    over_ = true;
  }
}

}  // namespace parley::chat

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "protocol/chat/bodies.h"
#include "protocol/chat/outbox.h"
#include "protocol/chat/record.h"

namespace parley::chat {

constexpr std::size_t kAckEveryBytes = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds kAckDelay{20};
constexpr std::chrono::seconds kEndingWait{3};       // for the last words, while there is a stream
constexpr std::chrono::seconds kAwayEndingWait{30};  // and while there is none
constexpr int kMaxHellos = 2;                        // in one direction of a stream
// The feature of a side that tells what it has stored apart from what it has taken, when both have it.
constexpr std::string_view kStoredFeature = "stored";

ConversationId random_conversation();

// What a conversation tells its program.

// The other side's HELLO has been accepted on the stream that was started last.
struct Paired {
  std::string name;
  std::vector<std::string> features;
  bool resumed = false;  // it is who it was, and goes on where it stopped
};
// The other side is a new conversation, its program was restarted. Numbers begin at 1 again for both; what was kept
// and never written comes first, but nothing of files: they are to be offered anew. `uncertain` may or may not have
// been taken by the old one, and is not sent again.
struct Restarted {
  std::vector<Outbox::Record> uncertain;
};
struct MessageId {
  std::uint64_t sequence = 0;
  std::uint64_t restarts = 0;  // how many Restarted came before it
};
// A numbered record (TEXT, OFFER, ANSWER, CHUNK, DONE, STREAM or BYE), in order, once. Its body is not decoded.
struct Message {
  Type type;
  MessageId id;
  Bytes body;
};
// Everything up to `sequence` is with the other side, and up to `stored` it is there to stay: files are on its disk.
// Both are the same where it does not tell them apart.
struct Acknowledged {
  std::uint64_t sequence = 0;
  std::uint64_t stored = 0;
};
struct Typing {};
// The other side is called so from now on.
struct Renamed {
  std::string name;
};

using Event = std::variant<Paired, Restarted, Message, Acknowledged, Typing, Renamed, Comparing>;

// One side of chat/1: what makes each numbered record be taken exactly once and in order, over any number of streams.
// docs/chat-protocol.md, "Exactly once, in order" and "The end", has the rules.
//
// Pure: bytes and the time come in, bytes and events come out. A stream is what starts anew with each connection, and
// within it the inner TLS. Any order of calls is allowed, from one thread.
class Conversation {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Options {
    std::string name;  // at most kMaxSideNameBytes
    std::vector<std::string> features;
    std::function<ConversationId()> new_id = random_conversation;
  };
  explicit Conversation(Options options);

  // A new stream carries the conversation; what an old one had not delivered is forgotten. HELLO is due.
  void start_stream();
  // The stream is gone, another may come.
  void stop_stream();

  // What came on the stream. An error is the other side's fault and ends the conversation for good; events of what
  // came before it are there.
  std::error_code receive(ByteView bytes, Time now);
  std::optional<Event> next_event();
  // The program has done with this message, and all before it, what they are for.
  void taken(MessageId id, Time now);
  // What is stored is told apart from what is taken, so that taken() need not wait for the disk; by stored(), which
  // does nothing otherwise. Known from Paired on.
  bool tells_stored() const { return tells_stored_; }
  void stored(MessageId id);

  // Whether send() may be called for a body of this size: kept records are bounded. Room comes with Acknowledged, for
  // CHUNKs also with write().
  bool can_send(Type type, std::size_t body_bytes) const;
  // A numbered record other than BYE, with room for it, not after finish(). Returns its number, which Acknowledged
  // will reach.
  std::uint64_t send(Type type, Bytes body);
  void send_typing();
  // May be lost with its stream.
  void send_comparing(const Comparing& comparing);
  // What this side is called from now on; at most kMaxSideNameBytes.
  void rename(std::string name);
  // Nothing more will be sent: BYE follows when all has been acknowledged.
  void finish();
  // The program has failed, or goes without having taken what it refuses: so it must not say BYE. Nothing numbered goes
  // out any more.
  void give_up() { given_up_ = true; }
  // What has been taken is acknowledged with the next write(), as there may be no other.
  void acknowledge_now();

  // Appends what is to go out now, whole records, until `out` has grown by at least `limit` bytes or nothing is left.
  // Written means gone, until a new stream starts: call it when the stream can take the bytes.
  void write(Bytes& out, std::size_t limit, Time now);
  bool wants_to_write() const;

  // When advance() is to be called next, if nothing else happens.
  std::optional<Time> deadline() const;
  void advance(Time now);

  // The other side has gone for good.
  void partner_left() { over_ = true; }
  // Time to leave: both have said BYE, or the other side has gone.
  bool over() const { return over_; }
  // The other side has said BYE, and all before it has been taken.
  bool heard_all() const { return other_bye_ && taken_ >= *other_bye_; }
  // All that was sent, but for BYE, has been acknowledged.
  bool delivered_all() const { return outbox_.empty() || bye_put_; }
  // Whether an end now is a good one. Any other is a loss, of ours or of theirs.
  bool good_end() const { return heard_all() && delivered_all() && finishing_ && !given_up_; }

  bool paired() const { return accepted_; }
  bool finishing() const { return finishing_; }
  bool bye_acknowledged() const { return bye_put_ && outbox_.empty(); }
  // What is kept for the other side: to be told to the user when it will not get there.
  const std::deque<Outbox::Record>& unacknowledged() const { return outbox_.kept(); }
  // How much that is, for a status line.
  std::size_t unacknowledged_bytes() const { return outbox_.kept_bytes(); }
  const ConversationId& id() const { return id_; }

 private:
  std::error_code on_record(const RecordView& record, Time now);
  std::error_code on_hello(ByteView body, Time now);
  std::error_code on_numbered(const RecordView& record);
  std::error_code acknowledge(std::uint64_t sequence);
  std::error_code on_stored(std::uint64_t sequence);
  void tell_acknowledged();
  bool stored_due() const { return accepted_ && tells_stored_ && stored_ > stored_told_; }
  void start_anew();
  void put_bye_when_due();
  void check_end(Time now);
  std::optional<Time> leave_at() const;

  Options options_;

  // Of the conversation.
  ConversationId id_;
  std::optional<ConversationId> peer_;  // whom we are in conversation with
  std::uint64_t restarts_ = 0;
  Outbox outbox_;
  std::uint64_t delivered_ = 0;      // the last number given to the program
  std::uint64_t taken_ = 0;          // and the last it has done with; at most delivered_
  bool tells_stored_ = false;        // as both can
  std::uint64_t stored_ = 0;         // the last number that the program has said so of; at most delivered_
  std::uint64_t other_stored_ = 0;   // and the other side of ours
  bool other_stream_ended_ = false;  // by an empty STREAM
  std::optional<std::uint64_t> other_bye_;
  bool finishing_ = false;
  bool bye_put_ = false;
  bool given_up_ = false;
  bool over_ = false;
  std::error_code failed_;
  std::optional<Time> ending_since_;  // only an acknowledgement of BYE, ours or theirs, is waited for
  std::deque<Event> events_;
  std::deque<Comparing> comparing_due_;

  // Of the stream.
  bool streaming_ = false;
  bool accepted_ = false;
  bool hello_due_ = false;
  bool typing_due_ = false;
  bool name_due_ = false;
  int hellos_ = 0;
  RecordReader reader_;
  std::uint64_t told_ = 0;            // the last number acknowledged on this stream
  std::size_t bytes_since_told_ = 0;  // of bodies taken
  std::uint64_t stored_told_ = 0;     // the last number told to be stored on this stream
  bool ack_now_ = false;
  std::optional<Time> ack_at_;
  std::deque<std::size_t> untaken_;  // the costs of what is delivered and not taken: see taken()
};

}  // namespace parley::chat

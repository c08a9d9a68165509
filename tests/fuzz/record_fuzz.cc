// Whatever comes in whatever segments, the reader gives the same records, what decodes encodes to the same again, and a
// conversation takes or refuses it without harm, answers no more than it was given cause for, and never takes a number
// twice.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "protocol/chat/bodies.h"
#include "protocol/chat/conversation.h"
#include "protocol/chat/record.h"
#include "tests/fuzz/input.h"

namespace {

using namespace parley::chat;
using parley::Bytes, parley::ByteView, parley::fuzz::Segments, parley::fuzz::require;

template <typename T>
void require_same_again(Decoded<T> (*decode)(ByteView), ByteView body) {
  if (const auto decoded = decode(body)) {
    const auto again = decode(encode(*decoded));
    require(again && *again == *decoded);
  }
}

void decode(const RecordView& record) {
  switch (record.type) {
    case Type::hello:
      return require_same_again(decode_hello, record.body);
    case Type::offer:
      return require_same_again(decode_offer, record.body);
    case Type::answer:
      return require_same_again(decode_answer, record.body);
    case Type::done:
      return require_same_again(decode_done, record.body);
    case Type::comparing:
      return require_same_again(decode_comparing, record.body);
    case Type::chunk:
      if (const auto chunk = decode_chunk(record.body)) {
        require(std::ranges::equal(encode(*chunk), record.body));
      }
      return;
    default:
      return;
  }
}

struct Outcome {
  Bytes records;  // as they would be written
  std::error_code error;

  bool operator==(const Outcome&) const = default;
};

template <typename NextSize>
Outcome read(ByteView wire, NextSize next_size) {
  RecordReader reader;
  Outcome outcome;
  while (!wire.empty()) {
    const auto segment = wire.first(std::min<std::size_t>(next_size(), wire.size()));
    wire = wire.subspan(segment.size());
    reader.feed(segment);
    for (;;) {
      const auto record = reader.next();
      if (!record) {
        outcome.error = record.error();
        return outcome;
      }
      if (!*record) {
        break;
      }
      decode(**record);
      append_record(outcome.records, **record);
    }
  }
  return outcome;
}

void converse(ByteView wire) {
  std::uint8_t drawn = 0;
  Conversation conversation({.name = "fuzz", .features = {}, .new_id = [&drawn] {
                               ConversationId id{};
                               id[0] = std::byte{++drawn};
                               return id;
                             }});
  Conversation::Time now{std::chrono::hours(1)};
  conversation.start_stream();
  conversation.send(Type::text, Bytes(3));
  conversation.send(Type::stream, Bytes(300));
  MessageId last;
  Bytes out;
  while (!wire.empty()) {
    const auto segment = wire.first(std::min<std::size_t>(40, wire.size()));
    wire = wire.subspan(segment.size());
    const bool failed = static_cast<bool>(conversation.receive(segment, now));
    while (const auto event = conversation.next_event()) {
      if (const auto* message = std::get_if<Message>(&*event)) {
        require(message->id.restarts > last.restarts || message->id.sequence == last.sequence + 1);
        last = message->id;
        conversation.taken(message->id, now);
      } else if (std::holds_alternative<Restarted>(*event)) {
        last = {0, last.restarts + 1};
      }
    }
    now += std::chrono::milliseconds(7);
    conversation.advance(now);
    out.clear();
    conversation.write(out, 1000, now);
    // Who has given up says no more than what it had taken until then.
    require(out.size() < 8192 && (!failed || out.size() <= kHeaderBytes + kAckBytes));
  }
}

}  // namespace

// The input is a byte n, n sizes of segments (used in turns), and what comes on the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Segments segments(data, size);
  const auto wire = segments.wire();
  const Outcome whole = read(wire, [&] { return wire.size(); });
  require(read(wire, [&] { return segments.next_size(); }) == whole);
  require(read(wire, [] { return std::size_t{1}; }) == whole);
  converse(wire);
  return 0;
}

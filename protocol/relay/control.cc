#include "protocol/relay/control.h"

#include <algorithm>
#include <array>

#include "protocol/json/object.h"
#include "protocol/relay/errc.h"
#include "protocol/relay/frame.h"
#include "protocol/relay/json_members.h"

namespace parley::relay {
namespace {

using json::Object;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 2> kRoles{"first", "second"};
constexpr std::array<std::string_view, 2> kDepartures{"closed", "lost"};

bool in_room(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '~' || c == '-';
}
bool visible(char c) { return c > ' ' && c <= '~'; }
bool printable(char c) { return c >= ' ' && c <= '~'; }
bool any(char) { return true; }

constexpr TextRule kRoom{1, kMaxRoomBytes, in_room};
constexpr TextRule kResume{1, kMaxResumeBytes, visible};
constexpr TextRule kAccess{1, kMaxAccessBytes, visible};
constexpr TextRule kClient{1, kMaxClientBytes, printable};
constexpr TextRule kSession{1, kMaxSessionBytes, visible};
constexpr TextRule kWord{1, kMaxReasonBytes, visible};
constexpr TextRule kMessage{0, kMaxMessageBytes, any};

// One of two words, as the enumerator at its place.
template <class Enum>
Enum word(JsonMembers& members, std::string_view name, const std::array<std::string_view, 2>& words) {
  const std::string value = members.text(name, kWord);
  if (value == words[1]) return static_cast<Enum>(1);
  if (value != words[0]) members.fail(Errc::bad_value);
  return static_cast<Enum>(0);
}

template <class Enum>
std::string_view word_of(Enum value, const std::array<std::string_view, 2>& words) {
  return words[static_cast<std::size_t>(value)];
}

template <class T>
Parsed<T> result(const JsonMembers& members, T value) {
  if (members.error()) return tl::make_unexpected(members.error());
  return value;
}

std::string frame(FrameType type, const Object& object) {
  std::string out(kHeaderBytes, '\0');
  out += object.text();
  const auto bytes = std::as_writable_bytes(std::span(out));
  encode_header(type, out.size() - kHeaderBytes, bytes.first<kHeaderBytes>());
  return out;
}

}  // namespace

bool is_room(std::string_view room) {
  return room.size() >= kRoom.min_bytes && room.size() <= kRoom.max_bytes &&
         std::all_of(room.begin(), room.end(), in_room);
}

// Braced initializers are evaluated from left to right, so the first member that is wrong is the one reported.

Parsed<Hello> parse_hello(std::span<const std::byte> payload) {
  JsonMembers in(payload);
  Hello hello{in.text("room", kRoom), in.optional_text("resume", kResume), in.optional_text("client", kClient),
              in.optional_text("access", kAccess)};
  return result(in, std::move(hello));
}

Parsed<Waiting> parse_waiting(std::span<const std::byte> payload) {
  JsonMembers in(payload);
  Waiting waiting{seconds(in.number("expires_s")), in.text("resume", kResume)};
  return result(in, std::move(waiting));
}

Parsed<Paired> parse_paired(std::span<const std::byte> payload) {
  JsonMembers in(payload);
  Paired paired{in.text("session", kSession), word<Role>(in, "role", kRoles), in.text("resume", kResume),
                in.flag("resumed"), seconds(in.number("grace_s"))};
  return result(in, std::move(paired));
}

Parsed<PeerLeft> parse_peer_left(std::span<const std::byte> payload) {
  JsonMembers in(payload);
  const PeerLeft left{word<Departure>(in, "reason", kDepartures), seconds(in.number("grace_s"))};
  return result(in, left);
}

Parsed<Error> parse_error(std::span<const std::byte> payload) {
  JsonMembers in(payload);
  Error error{error_code_from(in.text("code", kWord)), in.text("message", kMessage), std::nullopt};
  if (const auto retry_after = in.optional_number("retry_after_s")) error.retry_after = seconds(*retry_after);
  return result(in, std::move(error));
}

Parsed<Goaway> parse_goaway(std::span<const std::byte> payload) {
  JsonMembers in(payload);
  Goaway goaway{in.text("reason", kWord), milliseconds(in.number("reconnect_after_ms"))};
  return result(in, std::move(goaway));
}

std::string to_frame(const Hello& hello) {
  Object object{{"room", hello.room}};
  if (hello.resume) object.put("resume", *hello.resume);
  if (hello.client) object.put("client", *hello.client);
  if (hello.access) object.put("access", *hello.access);
  return frame(FrameType::hello, object);
}

std::string to_frame(const Waiting& waiting) {
  return frame(FrameType::waiting, {{"expires_s", waiting.expires.count()}, {"resume", waiting.resume}});
}

std::string to_frame(const Paired& paired) {
  return frame(FrameType::paired, {{"session", paired.session},
                                   {"role", word_of(paired.role, kRoles)},
                                   {"resume", paired.resume},
                                   {"resumed", paired.resumed},
                                   {"grace_s", paired.grace.count()}});
}

std::string to_frame(const PeerLeft& left) {
  return frame(FrameType::peer_left, {{"reason", word_of(left.reason, kDepartures)}, {"grace_s", left.grace.count()}});
}

std::string to_frame(const Error& error) {
  Object object{{"code", label(error.code)}, {"message", error.message}};
  if (error.retry_after) object.put("retry_after_s", error.retry_after->count());
  return frame(FrameType::error, object);
}

std::string to_frame(const Goaway& goaway) {
  return frame(FrameType::goaway, {{"reason", goaway.reason}, {"reconnect_after_ms", goaway.reconnect_after.count()}});
}

}  // namespace parley::relay

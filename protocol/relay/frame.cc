#include "protocol/relay/frame.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "protocol/relay/errc.h"

namespace parley::relay {
namespace {

// Sets of phases.
constexpr std::uint8_t in(Phase phase) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(phase)); }
constexpr std::uint8_t kNever = 0;
constexpr std::uint8_t kOpening = in(Phase::opening);
constexpr std::uint8_t kPaired = in(Phase::paired);
constexpr std::uint8_t kOpen = in(Phase::waiting) | kPaired;
constexpr std::uint8_t kAlways = kOpening | kOpen;

struct Rule {
  std::uint8_t from_client;
  std::uint8_t from_relay;
  std::size_t min_bytes;
  std::size_t max_bytes;
};

// By type. "Frames" in docs/relay-protocol.md is this table.
constexpr std::array<Rule, 12> kRules{{
    {kNever, kNever, 0, 0},
    {kOpening, kNever, 0, kMaxControlBytes},     // HELLO
    {kNever, kOpening, 0, kMaxControlBytes},     // WAITING
    {kNever, kAlways, 0, kMaxControlBytes},      // PAIRED
    {kPaired, kPaired, 0, kMaxPayloadBytes},     // DATA
    {kNever, kPaired, 0, kMaxControlBytes},      // PEER_LEFT
    {kNever, kAlways, 0, kMaxControlBytes},      // ERROR
    {kAlways, kAlways, kPingBytes, kPingBytes},  // PING
    {kAlways, kAlways, kPingBytes, kPingBytes},  // PONG
    {kNever, kAlways, 0, kMaxControlBytes},      // GOAWAY
    {kOpen, kNever, 0, 0},                       // BYE
    {kPaired, kNever, 0, 0},                     // READY
}};

// When `sender` may send `type`.
std::uint8_t phases(FrameType type, Sender sender) {
  const auto index = static_cast<std::size_t>(type);
  if (index >= kRules.size()) return kNever;
  return sender == Sender::client ? kRules[index].from_client : kRules[index].from_relay;
}

std::error_code check(std::uint8_t type, std::size_t payload_bytes, Sender from) {
  if (type >= kFirstSkippedType) return payload_bytes > kMaxPayloadBytes ? Errc::too_long : std::error_code{};
  if (type == 0 || type >= kRules.size()) return Errc::unknown_type;
  if (!allowed(static_cast<FrameType>(type), from)) return Errc::wrong_sender;
  const Rule& rule = kRules[type];
  if (payload_bytes > rule.max_bytes) return rule.min_bytes == rule.max_bytes ? Errc::wrong_length : Errc::too_long;
  if (payload_bytes < rule.min_bytes) return Errc::wrong_length;
  return {};
}

}  // namespace

bool allowed(FrameType type, Sender sender) { return phases(type, sender) != kNever; }

bool allowed(FrameType type, Sender sender, Phase phase) { return (phases(type, sender) & in(phase)) != 0; }

void encode_header(FrameType type, std::size_t payload_bytes, std::span<std::byte, kHeaderBytes> header) {
  assert(payload_bytes <= kMaxPayloadBytes);
  header[0] = static_cast<std::byte>(type);
  header[1] = static_cast<std::byte>(payload_bytes >> 16U);
  header[2] = static_cast<std::byte>(payload_bytes >> 8U);
  header[3] = static_cast<std::byte>(payload_bytes);
}

std::string to_frame(FrameType type, std::span<const std::byte> payload) {
  std::string frame(kHeaderBytes + payload.size(), '\0');
  const auto bytes = std::as_writable_bytes(std::span(frame));
  encode_header(type, payload.size(), bytes.first<kHeaderBytes>());
  std::ranges::copy(payload, bytes.begin() + kHeaderBytes);
  return frame;
}

tl::expected<std::optional<Frame>, std::error_code> FrameReader::next() {
  for (;;) {
    const std::span<const std::byte> rest = bytes_.subspan(consumed_);
    if (rest.size() < kHeaderBytes) return std::nullopt;
    const auto type = std::to_integer<std::uint8_t>(rest[0]);
    const std::size_t payload_bytes = std::to_integer<std::size_t>(rest[1]) << 16U |
                                      std::to_integer<std::size_t>(rest[2]) << 8U |
                                      std::to_integer<std::size_t>(rest[3]);
    if (const std::error_code error = check(type, payload_bytes, from_)) return tl::make_unexpected(error);
    const std::size_t frame_bytes = kHeaderBytes + payload_bytes;
    if (rest.size() < frame_bytes) return std::nullopt;
    consumed_ += frame_bytes;
    if (type < kFirstSkippedType) return Frame{static_cast<FrameType>(type), rest.first(frame_bytes)};
  }
}

}  // namespace parley::relay

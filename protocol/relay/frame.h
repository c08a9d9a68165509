#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <tl/expected.hpp>

namespace parley::relay {

// Header is type (1 byte), length (3 bytes, big-endian, payload only). See docs/relay-protocol.md.
constexpr std::size_t kHeaderBytes = 1 + 3;
constexpr std::size_t kMaxFrameBytes = 16'384;  // the plaintext of one TLS record (RFC 8446 5.1)
constexpr std::size_t kMaxPayloadBytes = kMaxFrameBytes - kHeaderBytes;
constexpr std::size_t kMaxControlBytes = 4096;  // of the payloads that are JSON
constexpr std::size_t kPingBytes = 8;

// Over the wire: the values are fixed. From kFirstSkippedType on, types are for later versions and skipped by this.
enum class FrameType : std::uint8_t {
  hello = 1,
  waiting = 2,
  paired = 3,
  data = 4,
  peer_left = 5,
  error = 6,
  ping = 7,
  pong = 8,
  goaway = 9,
  bye = 10,
  ready = 11,
};
constexpr std::uint8_t kFirstSkippedType = 0x80;

enum class Sender : std::uint8_t { client, relay };

// How far a connection is, as either end sees it.
enum class Phase : std::uint8_t {
  opening,  // the client: no answer to its HELLO yet; the relay: no HELLO yet
  waiting,  // HELLO taken, no PAIRED yet
  paired,   // PAIRED sent, or received
};

// Whether `sender` ever sends `type`, and whether it may now. False for a type that is not an enumerator.
bool allowed(FrameType type, Sender sender);
bool allowed(FrameType type, Sender sender, Phase phase);

// Writes the header of a payload of at most kMaxPayloadBytes, which the caller puts (or has put) right behind it.
void encode_header(FrameType type, std::size_t payload_bytes, std::span<std::byte, kHeaderBytes> header);

// A whole frame, of a payload of at most kMaxPayloadBytes.
std::string to_frame(FrameType type, std::span<const std::byte> payload = {});

// A view into the bytes that a FrameReader was given.
struct Frame {
  FrameType type;
  std::span<const std::byte> bytes;  // header and payload: what a relay passes on as it is

  std::span<const std::byte> payload() const { return bytes.subspan(kHeaderBytes); }
};

// Takes frames off the front of contiguous bytes, without copying or allocating. `bytes` must outlive the frames.
// What is left after consumed() is the beginning of a frame: keep it, and start a new reader when more has come behind
// it. A buffer of kMaxFrameBytes always holds a whole one.
class FrameReader {
 public:
  // `from`: who has sent the bytes.
  FrameReader(std::span<const std::byte> bytes, Sender from) : bytes_(bytes), from_(from) {}

  // The next frame; nullopt when more bytes are needed. Types from kFirstSkippedType on are skipped. Whether the frame
  // may come in this phase is the caller's to ask (Errc::wrong_phase). A length is checked as soon as the header is
  // there. Errors: Errc::unknown_type, wrong_sender, too_long, wrong_length; the same again when asked again.
  tl::expected<std::optional<Frame>, std::error_code> next();

  // How many bytes the frames so far took, skipped ones included.
  std::size_t consumed() const { return consumed_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t consumed_ = 0;
  Sender from_;
};

}  // namespace parley::relay

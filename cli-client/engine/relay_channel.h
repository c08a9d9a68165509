#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <tl/expected.hpp>
#include <variant>

#include "base/bytes.h"
#include "protocol/relay/control.h"
#include "protocol/relay/frame.h"

namespace parley::client {

// A message of the partner's; a view into the bytes that next() was given.
struct Data {
  ByteView bytes;
};
using RelayEvent = std::variant<relay::Waiting, relay::Paired, Data, relay::PeerLeft, relay::Error, relay::Goaway>;

// relay/1 as a client speaks it on one connection, with no I/O: docs/relay-protocol.md. It keeps to what may be sent
// when, answers PING, and puts READY where it belongs.
class RelayChannel {
 public:
  // HELLO is the first output.
  explicit RelayChannel(const relay::Hello& hello);

  // Takes the next event off the front of `received`; nullopt: more bytes are needed. What is left of `received` then
  // is the beginning of a frame. Errors (relay::Errc) are the relay's fault; the connection is of no use after one.
  tl::expected<std::optional<RelayEvent>, std::error_code> next(Bytes& received);

  bool paired() const { return phase_ == relay::Phase::paired; }
  // Only when paired(). Of any length: it becomes as many DATA as are needed.
  void send(ByteView bytes);
  void ping();
  void bye();

  // What is to go to the relay, whole frames. The caller clears it.
  Bytes& output() { return output_; }

 private:
  void put(relay::FrameType type, ByteView payload);
  tl::expected<std::optional<RelayEvent>, std::error_code> event_of(const relay::Frame& frame);

  relay::Phase phase_ = relay::Phase::opening;
  std::optional<relay::Role> role_;  // from PAIRED on
  Bytes output_;
  std::size_t taken_ = 0;  // of `received`, of the event that was given last
};

}  // namespace parley::client

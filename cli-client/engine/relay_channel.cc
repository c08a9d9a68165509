#include "cli-client/engine/relay_channel.h"

#include <algorithm>
#include <array>

#include "protocol/relay/errc.h"

namespace parley::client {
namespace {

using relay::FrameType;

using Taken = tl::expected<std::optional<RelayEvent>, std::error_code>;

template <class T>
Taken as_event(relay::Parsed<T> parsed) {
  if (!parsed) return tl::unexpected(parsed.error());
  return RelayEvent(std::move(*parsed));
}

}  // namespace

RelayChannel::RelayChannel(const relay::Hello& hello) { append(output_, as_bytes(relay::to_frame(hello))); }

Taken RelayChannel::next(Bytes& received) {
  const auto drop = [&](std::size_t bytes) {
    received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(bytes));
  };
  // An event may be a view into the bytes, so they go when the next one is asked for; and many at a time, as what is
  // behind them has to move.
  for (;;) {
    relay::FrameReader reader(ByteView(received).subspan(taken_), relay::Sender::relay);
    const auto frame = reader.next();
    if (!frame) return tl::unexpected(frame.error());
    taken_ += reader.consumed();
    if (!*frame) {
      drop(taken_);
      taken_ = 0;
      return std::nullopt;
    }
    if (!relay::allowed((*frame)->type, relay::Sender::relay, phase_)) {
      return tl::unexpected(make_error_code(relay::Errc::wrong_phase));
    }
    auto event = event_of(**frame);
    if (!event || *event) return event;
  }
}

Taken RelayChannel::event_of(const relay::Frame& frame) {
  switch (frame.type) {
    case FrameType::waiting:
      phase_ = relay::Phase::waiting;
      return as_event(relay::parse_waiting(frame.payload()));
    case FrameType::paired: {
      auto paired = relay::parse_paired(frame.payload());
      if (!paired) return tl::unexpected(paired.error());
      // A session goes on, with the roles that it had, or the connection ends.
      if (role_ && (!paired->resumed || paired->role != *role_)) {
        return tl::unexpected(make_error_code(relay::Errc::bad_value));
      }
      phase_ = relay::Phase::paired;
      role_ = paired->role;
      if (paired->resumed) put(FrameType::ready, {});
      return RelayEvent(std::move(*paired));
    }
    case FrameType::data:
      return RelayEvent(Data{frame.payload()});
    case FrameType::peer_left:
      return as_event(relay::parse_peer_left(frame.payload()));
    case FrameType::error:
      return as_event(relay::parse_error(frame.payload()));
    case FrameType::goaway:
      return as_event(relay::parse_goaway(frame.payload()));
    case FrameType::ping:
      put(FrameType::pong, frame.payload());
      break;
    default:
      break;
  }
  return std::nullopt;
}

void RelayChannel::send(ByteView bytes) {
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), relay::kMaxPayloadBytes));
    put(FrameType::data, part);
    bytes = bytes.subspan(part.size());
  }
}

void RelayChannel::ping() { put(FrameType::ping, std::array<std::byte, relay::kPingBytes>{}); }

void RelayChannel::bye() { put(FrameType::bye, {}); }

void RelayChannel::put(FrameType type, ByteView payload) {
  std::array<std::byte, relay::kHeaderBytes> header{};
  relay::encode_header(type, payload.size(), header);
  append(output_, header);
  append(output_, payload);
}

}  // namespace parley::client

#include "tests/unit/cli-client/engine/memory_relay.h"

#include <algorithm>
#include <utility>

namespace parley::client {

using relay::ErrorCode;
using relay::FrameType;

bool MemoryRelay::advance() {
  bool did = false;
  for (const auto& wire : std::vector(wires_)) {
    if (!wire->dropped && !wire->fault && !std::exchange(wire->open, true)) did = true;
    while (const auto frame = wire->hear()) {
      did = true;
      on_frame(wire, *frame);
    }
    if (wire->dropped || wire->fault) {
      if (Place* place = place_of(wire)) lose(*place);
      std::erase(wires_, wire);
      did = true;
    }
  }
  return did;
}

void MemoryRelay::cut(unsigned place) {
  if (const auto wire = places_.at(place).wire) wire->end(ConnectionFault::Kind::lost);
}

void MemoryRelay::restart() {
  for (const auto& wire : wires_) wire->end(ConnectionFault::Kind::lost);
  places_ = {};
  met_ = false;
}

void MemoryRelay::go_away(std::chrono::milliseconds after) {
  for (const auto& wire : wires_) wire->say(relay::to_frame(relay::Goaway{"draining", after}));
}

MemoryRelay::Place* MemoryRelay::place_of(const std::shared_ptr<Wire>& wire) {
  const auto at = std::ranges::find(places_, wire, &Place::wire);
  return at == places_.end() ? nullptr : &*at;
}

void MemoryRelay::on_frame(const std::shared_ptr<Wire>& wire, const Wire::Frame& frame) {
  if (frame.type == FrameType::hello) return on_hello(wire, relay::parse_hello(as_bytes(frame.payload)).value());
  Place* const place = place_of(wire);
  if (place == nullptr) return;
  const Place& other = places_[place == &places_[0] ? 1 : 0];
  if (frame.type == FrameType::data && other.wire && place->unready == 0) {
    other.wire->say(FrameType::data, as_bytes(frame.payload));
  } else if (frame.type == FrameType::ready) {
    place->unready = std::max(place->unready - 1, 0);
  } else if (frame.type == FrameType::bye) {
    over(*place);
  }
}

void MemoryRelay::on_hello(const std::shared_ptr<Wire>& wire, const relay::Hello& hello) {
  Place* mine = nullptr;
  if (hello.resume) {
    const auto at = std::ranges::find(places_, *hello.resume, &Place::token);
    if (at == places_.end()) return refuse(*wire, ErrorCode::bad_resume);
    mine = &*at;
    if (mine->wire) mine->wire->end(ConnectionFault::Kind::lost, "replaced");
  } else if (met_) {
    return refuse(*wire, places_[0].wire && places_[1].wire ? ErrorCode::room_full : ErrorCode::room_held);
  } else {
    mine = places_[0].token.empty() ? &places_[0] : &places_[1];
  }
  mine->wire = wire;
  mine->token = new_token();
  if (places_[0].wire && places_[1].wire) return meet(std::exchange(met_, true));
  wire->say(relay::to_frame(relay::Waiting{{}, mine->token}));
}

void MemoryRelay::meet(bool resumed) {
  for (Place& place : places_) {
    place.token = new_token();
    place.unready = resumed ? place.unready + 1 : 0;
    const auto role = &place == &places_[0] ? relay::Role::first : relay::Role::second;
    place.wire->say(relay::to_frame(relay::Paired{session, role, place.token, resumed, std::chrono::seconds(60)}));
  }
}

void MemoryRelay::lose(Place& place) {
  place.wire = nullptr;
  place.unready = 0;
  if (forget_lost) place.token = "forgotten";
  if (!met_) {
    place = {};
    return;
  }
  const Place& other = places_[&place == &places_[0] ? 1 : 0];
  if (other.wire) other.wire->say(relay::to_frame(relay::PeerLeft{relay::Departure::lost, std::chrono::seconds(60)}));
}

void MemoryRelay::over(Place& left) {
  const Place& other = places_[&left == &places_[0] ? 1 : 0];
  if (met_ && other.wire) {
    other.wire->say(relay::to_frame(relay::PeerLeft{relay::Departure::closed, {}}));
    other.wire->end(ConnectionFault::Kind::lost);
  }
  left.wire->end(ConnectionFault::Kind::lost);
  places_ = {};
  met_ = false;
}

void MemoryRelay::refuse(Wire& wire, ErrorCode code) {
  wire.say(relay::to_frame(relay::Error{code, "", std::chrono::seconds(1)}));
  wire.end(ConnectionFault::Kind::lost);
}

}  // namespace parley::client

#include "service/pairing/rooms.h"

#include <utility>

namespace parley {

namespace {

using relay::Place;

Rooms::Answer refuse(EndReason why) { return {.kind = Rooms::Kind::refuse, .why = why}; }

// Has the token a place in a session that had begun?
bool has_place(const Rooms::Arrival& arrival) { return arrival.token && arrival.token->place != Place::waiting; }

Place opposite(Place place) { return place == Place::first ? Place::second : Place::first; }

}  // namespace

Rooms::Answer Rooms::enter(const Arrival& arrival, Bounds most) {
  const std::lock_guard lock(mutex_);
  if (arrival.token && ended_.contains(arrival.token->session)) return refuse(EndReason::bad_resume);
  const auto found = rooms_.find(arrival.room);
  if (found != rooms_.end()) {
    return found->second.waiting_place ? enter_waiting(found->second, arrival) : enter_session(found->second, arrival);
  }
  if (has_place(arrival) && arrival.token_expired) return refuse(EndReason::bad_resume);
  if (most.in_all != 0 && rooms_.size() >= most.in_all) return refuse(EndReason::overloaded);
  const auto address = rooms_by_address_.try_emplace(arrival.address_key).first;
  if (most.per_address != 0 && address->second >= most.per_address) return refuse(EndReason::rate_limited);
  ++address->second;
  ++waiting_;
  Room& room = rooms_[arrival.room];
  room.opened_from = &*address;
  return wait_in(room, arrival);
}

void Rooms::release(std::unordered_map<std::string, Room>::iterator room) {
  ByAddress::value_type& address = *room->second.opened_from;
  rooms_.erase(room);
  if (--address.second == 0) rooms_by_address_.erase(rooms_by_address_.find(address.first));
}

Rooms::Answer Rooms::wait_in(Room& room, const Arrival& arrival) {
  room.ticket = arrival.ticket;
  room.name = has_place(arrival) ? arrival.token->session : arrival.fresh_name;
  room.waiting_place = has_place(arrival) ? arrival.token->place : Place::waiting;
  return {.kind = Kind::wait, .name = room.name, .place = *room.waiting_place};
}

Rooms::Answer Rooms::enter_waiting(Room& room, const Arrival& arrival) {
  const bool same = arrival.token && arrival.token->session == room.name;
  if (same && arrival.token->place == *room.waiting_place) {
    Answer answer{.kind = Kind::replace, .other = room.ticket, .name = room.name, .place = *room.waiting_place};
    room.ticket = arrival.ticket;
    return answer;
  }
  // After a restart: who waits has a place in a session, and only the other place's token may join it.
  const bool waits_for_token = room.waiting_place != Place::waiting;
  if (waits_for_token && !(same && has_place(arrival))) return refuse(EndReason::room_held);
  if (has_place(arrival) && (!waits_for_token || arrival.token_expired)) return refuse(EndReason::bad_resume);
  const Answer answer{.kind = Kind::meet,
                      .other = room.ticket,
                      .name = room.name,
                      .place = waits_for_token ? opposite(*room.waiting_place) : Place::second};
  room.waiting_place.reset();
  room.held = true;
  --waiting_;
  return answer;
}

Rooms::Answer Rooms::enter_session(const Room& room, const Arrival& arrival) {
  if (arrival.token && arrival.token->session == room.name) {
    const Place place = has_place(arrival) ? arrival.token->place : Place::first;
    return {.kind = Kind::rejoin, .other = room.ticket, .name = room.name, .place = place};
  }
  if (has_place(arrival)) return refuse(EndReason::bad_resume);
  return refuse(room.held ? EndReason::room_held : EndReason::room_full);
}

bool Rooms::leave(const std::string& room, LegId leg) {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(room);
  if (found == rooms_.end() || found->second.ticket.leg != leg) return true;
  if (!found->second.waiting_place) return false;
  release(found);
  --waiting_;
  return true;
}

bool Rooms::is_session(const std::string& room, const relay::SessionName& name) const {
  const auto found = rooms_.find(room);
  return found != rooms_.end() && !found->second.waiting_place && found->second.name == name;
}

void Rooms::forget(const std::string& room, const relay::SessionName& name) {
  const std::lock_guard lock(mutex_);
  if (is_session(room, name)) release(rooms_.find(room));
}

void Rooms::forget(const std::string& room, const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(room);
  if (found != rooms_.end() && !found->second.waiting_place && found->second.ticket.leg == ticket.leg) release(found);
}

void Rooms::end(const std::string& room, const relay::SessionName& name) {
  const std::lock_guard lock(mutex_);
  if (!is_session(room, name)) return;
  release(rooms_.find(room));
  ended_.add(name);
}

void Rooms::set_held(const std::string& room, const relay::SessionName& name, bool held) {
  const std::lock_guard lock(mutex_);
  if (is_session(room, name)) rooms_.at(room).held = held;
}

std::size_t Rooms::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace parley

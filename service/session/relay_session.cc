#include "service/session/relay_session.h"

#include <algorithm>

#include "base/hex.h"
#include "service/log/log.h"

namespace parley {

namespace {

void log_resumption(SessionId session, EndedBy place, const LegInfo& newer) {
  if (!log_enabled(Level::debug)) return;
  log_event(Level::debug, "leg resumed",
            {{"session", to_string(session)},
             {"place", label(place)},
             {"leg", to_string(newer.id)},
             {"address", newer.address}});
}

void log_loss(SessionId session, EndedBy place, const LegView& leg, EndReason reason) {
  if (!log_enabled(Level::debug)) return;
  log_event(Level::debug, "leg lost",
            {{"session", to_string(session)},
             {"place", label(place)},
             {"leg", to_string(leg.id)},
             {"address", leg.address},
             {"reason", label(reason)}});
}

}  // namespace

RelaySession::RelaySession(ShardContext& shard, SessionId id, Terms terms, std::unique_ptr<RelayLeg> first,
                           std::unique_ptr<RelayLeg> second, Keeper& keeper)
    : RelaySession(shard, id, std::move(terms), *first, *second, std::move(first), std::move(second), keeper) {}

RelaySession::RelaySession(ShardContext& shard, SessionId id, Terms terms, RelayLeg& first, RelayLeg& second,
                           std::unique_ptr<RelayLeg>&& first_owner, std::unique_ptr<RelayLeg>&& second_owner,
                           Keeper& keeper)
    : Session(shard, id, std::move(first_owner), std::move(second_owner)), terms_(std::move(terms)), keeper_(keeper) {
  places_[0].leg = &first;
  places_[1].leg = &second;
}

void RelaySession::begin() {
  for (std::size_t i = 0; i < places_.size(); ++i) places_[i].leg->paired(place(i, terms_.resumed));
  Session::begin();
}

SessionPlace RelaySession::place(std::size_t side, bool resumed) const {
  return {terms_.name, side == 0 ? relay::Role::first : relay::Role::second, resumed, terms_.grace};
}

void RelaySession::leg_ended(std::size_t side, const Leg& leg, EndReason reason) {
  if (terms_.grace.count() == 0 || reason == EndReason::peer_closed) return Session::leg_ended(side, leg, reason);
  lose(side, leg);
  log_loss(id(), by_side(side), places_[side].absence->last_seen, reason);
}

void RelaySession::lose(std::size_t side, const Leg& leg) {
  Place& lost = places_[side];
  lost.absence = std::make_unique<Absence>(leg.view(), shard().now(), shard().wheel,
                                           [this, side] { end({EndReason::lost, by_side(side)}); });
  lost.absence->last_seen.lost = true;
  lost.absence->grace.set(lost.absence->since + terms_.grace);
  lost.leg = nullptr;
  vacate(side);
  count_state();
  keeper_.held(*this, true);
  RelayLeg* const partner = places_[1 - side].leg;
  if (partner != nullptr) partner->partner_left(relay::Departure::lost, terms_.grace);
}

bool RelaySession::rejoin(relay::Role role, std::unique_ptr<RelayLeg>& leg) {
  if (over()) return false;
  const auto side = static_cast<std::size_t>(role);
  Place& own = places_[side];
  Place& other = places_[1 - side];
  if (own.leg != nullptr) {
    vacate(side);
    own.leg->abort(EndReason::replaced);
  }
  own.absence.reset();
  own.leg = leg.get();
  if (other.leg != nullptr) {
    ++resumptions_;
    shard().counters.of(Protocol::relay).resumptions_total.add();
    leg->paired(place(side, true));
    other.leg->paired(place(1 - side, true));
    keeper_.held(*this, false);
    last_message_at_ = shard().now();
  } else {
    const auto left = other.absence->since + terms_.grace - shard().now();
    leg->waiting_again(place(side, true), std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(left)));
  }
  log_resumption(id(), by_side(side), leg->info());
  seat(side, std::move(leg));
  count_state();
  return true;
}

TimePoint RelaySession::last_heard_at() const {
  TimePoint last = last_message_at_;
  for (const Place& place : places_) {
    if (place.leg != nullptr) last = std::max(last, place.leg->heard_at());
  }
  return last;
}

void RelaySession::end(SessionEnd why) {
  if (over()) return;
  keeper_.over(*this);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].absence) places_[i].absence->grace.clear();
    if (places_[i].leg == nullptr) continue;
    if (why.by == EndedBy::relay) {
      places_[i].leg->say_why(why.reason);
    } else if (why.by != by_side(i)) {
      places_[i].leg->partner_left(relay::Departure::closed, milliseconds{0});
    }
  }
  Session::end(why);
}

void RelaySession::go_away(const std::function<milliseconds()>& reconnect_after) {
  for (const Place& place : places_) {
    if (place.leg != nullptr && !over()) place.leg->go_away(reconnect_after());
  }
}

SessionView RelaySession::view() const {
  SessionView view = Session::view();
  view.name = to_hex(terms_.name);
  view.resumptions = resumptions_;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].leg == nullptr && places_[i].absence) view.legs[i] = places_[i].absence->last_seen;
  }
  return view;
}

}  // namespace parley

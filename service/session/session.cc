#include "service/session/session.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "service/log/log.h"

namespace parley {

namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr EndedBy by_side(std::size_t side) { return side == 0 ? EndedBy::first : EndedBy::second; }

void log_resumption(SessionId session, std::size_t side, const LegInfo& leg) {
  if (!log_enabled(Level::debug)) return;
  log_event(Level::debug, "leg resumed",
            {{"session", to_string(session)},
             {"place", label(by_side(side))},
             {"leg", to_string(leg.id)},
             {"address", leg.address}});
}

void log_loss(SessionId session, std::size_t side, const LegView& leg, EndReason reason) {
  if (!log_enabled(Level::debug)) return;
  log_event(Level::debug, "leg lost",
            {{"session", to_string(session)},
             {"place", label(by_side(side))},
             {"leg", to_string(leg.id)},
             {"address", leg.address},
             {"reason", label(reason)}});
}

}  // namespace

Session::Session(ShardContext& shard, SessionId id, Protocol protocol, std::unique_ptr<Leg> first,
                 std::unique_ptr<Leg> second, std::optional<Meeting> meeting)
    : shard_(shard),
      id_(id),
      protocol_(protocol),
      meeting_(meeting ? std::make_unique<const Meeting>(std::move(*meeting)) : nullptr),
      started_(std::chrono::system_clock::now()),
      started_at_(shard.now()),
      last_message_at_(started_at_),
      idle_(shard.wheel, [this] { check_idle(); }) {
  shard_.counters.of(protocol_).sessions[static_cast<std::size_t>(counted_)].add();
  sides_[0].at_end = std::move(first);
  sides_[1].at_end = std::move(second);
}

awaitable<SessionEnd> Session::run() {
  check_idle();
  // A pump may read at once: both are told, and can be sent to, before the first one starts.
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    seat(i, *sides_[i].at_end);
    sides_[i].leg->paired(pairing(i, meeting_ && meeting_->resumed));
  }
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    pumps_.spawn(shard_.executor(), pump(i, std::move(sides_[i].at_end)));
  }
  while (!end_) co_await over_.wait();
  co_await pumps_.wait_empty();
  idle_.clear();
  for (const Side& side : sides_) {
    if (side.absence) side.absence->grace.clear();
  }
  for (Side& side : sides_) {
    if (side.at_end) pumps_.spawn(shard_.executor(), side.at_end->finish());
  }
  co_await pumps_.wait_empty();
  for (Side& side : sides_) {
    if (side.at_end) co_await side.at_end->wait_closed();
  }
  shard_.counters.of(protocol_).sessions[static_cast<std::size_t>(counted_)].subtract();
  co_return *end_;
}

void Session::seat(std::size_t side, Leg& leg) {
  sides_[side].leg = &leg;
  leg.join(sides_[side].room);
}

awaitable<void> Session::pump(std::size_t side, std::unique_ptr<Leg> leg) {
  Side& own = sides_[side];
  Side& other = sides_[1 - side];
  for (;;) {
    const auto message = co_await leg->receive();
    if (!message) {
      leg_ended(side, *leg, message.error());
      break;
    }
    carry(side, *message);
    // Once the other has ended the session this one is not read any more: it waits for no room.
    while (own.leg == leg.get() && other.leg != nullptr && !(end_ && end_->by != by_side(side))) {
      if (const auto why = other.leg->end()) {
        leg_ended(1 - side, *other.leg, *why);
        break;
      }
      if (!other.leg->full()) break;
      co_await other.room.wait();
    }
  }
  if (own.leg == leg.get()) {
    own.at_end = std::move(leg);
    co_return;
  }
  leaving_.push_back(leg.get());
  co_await leg->finish();
  co_await leg->wait_closed();
  std::erase(leaving_, leg.get());
}

void Session::carry(std::size_t side, const Message& message) {
  ProtocolCounters& counters = shard_.counters.of(protocol_);
  Leg* const to = sides_[1 - side].leg;
  if (to == nullptr) {
    counters.dropped_bytes_total.add(message.bytes.size());
    return;
  }
  counters.messages_total.add(message.count);
  last_message_at_ = message.read_at;
  if (shard_.log_messages) {
    sides_[side].leg->for_each(message, [&](std::span<const std::byte> text) {
      log_event(Level::info, "message",
                {{"session", to_string(id_)}, {"from", label(by_side(side))}, {"text", as_text(text)}});
    });
  }
  to->send(message);
}

void Session::leg_ended(std::size_t side, const Leg& leg, EndReason reason) {
  if (end_ || sides_[side].leg != &leg) return;
  if (meeting_ && meeting_->grace.count() > 0 && reason != EndReason::peer_closed) {
    lose(side);
    log_loss(id_, side, sides_[side].absence->last_seen, reason);
  } else {
    end({reason, by_side(side)});
  }
}

void Session::lose(std::size_t side) {
  Side& lost = sides_[side];
  lost.absence = std::make_unique<Absence>(lost.leg->view(), shard_.now(), shard_.wheel,
                                           [this, side] { end({EndReason::lost, by_side(side)}); });
  lost.absence->last_seen.lost = true;
  lost.absence->grace.set(lost.absence->since + meeting_->grace);
  lost.leg = nullptr;
  for (Side& either : sides_) either.room.notify();
  count_state();
  if (meeting_->on_held) meeting_->on_held(true);  // before anybody can know of it
  Leg* const partner = sides_[1 - side].leg;
  if (partner != nullptr) partner->partner_left(relay::Departure::lost, meeting_->grace);
}

bool Session::rejoin(relay::Role place, std::unique_ptr<Leg>& leg) {
  if (end_) return false;
  const auto side = static_cast<std::size_t>(place);
  Side& own = sides_[side];
  Side& other = sides_[1 - side];
  if (own.leg != nullptr) {
    Leg* const older = std::exchange(own.leg, nullptr);
    older->abort(EndReason::replaced);
    own.room.notify();
    other.room.notify();  // what the older one's pump may be waiting for
  }
  own.absence.reset();
  if (other.leg != nullptr) {
    ++resumptions_;
    shard_.counters.of(protocol_).resumptions_total.add();
    leg->paired(pairing(side, true));
    other.leg->paired(pairing(1 - side, true));
    if (meeting_->on_held) meeting_->on_held(false);
    last_message_at_ = shard_.now();
  } else {
    const auto left = other.absence->since + meeting_->grace - shard_.now();
    leg->waiting_again(pairing(side, true), std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(left)));
  }
  seat(side, *leg);
  log_resumption(id_, side, leg->info());
  pumps_.spawn(shard_.executor(), pump(side, std::move(leg)));
  count_state();
  return true;
}

Pairing Session::pairing(std::size_t side, bool resumed) const {
  if (!meeting_) return {};
  return {meeting_->name, side == 0 ? relay::Role::first : relay::Role::second, resumed, meeting_->grace};
}

void Session::check_idle() {
  if (end_) return;
  TimePoint last = last_message_at_;
  for (const Side& side : sides_) {
    if (side.leg != nullptr) last = std::max(last, side.leg->heard_at());
  }
  const milliseconds limit = shard_.deadlines.idle;
  if (limit.count() == 0) {
    idle_.clear();
  } else if (shard_.now() < last + limit) {
    idle_.set(last + limit);
  } else {
    end({EndReason::idle, EndedBy::relay});
  }
}

void Session::end(SessionEnd why) {
  if (end_) return;
  end_ = why;
  count_state();
  if (meeting_ && meeting_->on_over) meeting_->on_over();
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    Leg* const leg = sides_[i].leg;
    if (leg == nullptr) continue;
    if (why.by == EndedBy::relay) {
      leg->say_why(why.reason);
    } else if (why.by != by_side(i)) {
      leg->partner_left(relay::Departure::closed, milliseconds{0});
    }
    // A client that left is not stopped: what it sent before is still carried.
    if (why.by != by_side(i)) {
      leg->stop_receiving();
      sides_[1 - i].room.notify();
    }
  }
  over_.notify();
}

void Session::abort(SessionEnd why) {
  end(why);
  for (const Side& side : sides_) {
    Leg* const leg = side.at_end ? side.at_end.get() : side.leg;
    if (leg == nullptr) continue;
    leg->stop_receiving();
    leg->abort(why.reason);
  }
  for (Leg* const leg : leaving_) leg->abort(why.reason);
}

void Session::go_away(const std::function<milliseconds()>& reconnect_after) {
  for (const Side& side : sides_) {
    if (side.leg != nullptr && !end_) side.leg->go_away(reconnect_after());
  }
}

SessionState Session::state() const {
  if (end_) return SessionState::closing;
  const bool both = sides_[0].leg != nullptr && sides_[1].leg != nullptr;
  return both ? SessionState::active : SessionState::held;
}

void Session::count_state() {
  auto& sessions = shard_.counters.of(protocol_).sessions;
  sessions[static_cast<std::size_t>(counted_)].subtract();
  counted_ = state();
  sessions[static_cast<std::size_t>(counted_)].add();
}

SessionView Session::view() const {
  const auto of = [](const Side& side) {
    const Leg* const leg = side.at_end ? side.at_end.get() : side.leg;
    if (leg != nullptr) return leg->view();
    return side.absence ? side.absence->last_seen : LegView{};
  };
  return {.id = id_,
          .protocol = protocol_,
          .state = state(),
          .started = started_,
          .idle = std::chrono::duration_cast<std::chrono::milliseconds>(shard_.now() - last_message_at_),
          .name = meeting_ ? to_hex(meeting_->name) : "",
          .resumptions = resumptions_,
          .legs = {of(sides_[0]), of(sides_[1])}};
}

}  // namespace parley

#include "service/session/session.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "service/log/log.h"

namespace parley {

Session::Session(ShardContext& shard, SessionId id, std::unique_ptr<Leg> first, std::unique_ptr<Leg> second)
    : last_message_at_(shard.now()),
      shard_(shard),
      id_(id),
      protocol_(first->protocol()),
      started_(shard.wall_now()),
      started_at_(last_message_at_),
      idle_(shard.wheel, [this] { check_idle(); }) {
  shard_.counters.of(protocol_).sessions[static_cast<std::size_t>(counted_)].add();
  sides_[0].at_end = std::move(first);
  sides_[1].at_end = std::move(second);
  // A pump may read at once: both can be sent to before the first one starts.
  for (Side& side : sides_) {
    side.leg = side.at_end.get();
    side.leg->join(side.room);
  }
}

void Session::begin() {
  check_idle();
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    pumps_.spawn(shard_.executor(), pump(i, std::move(sides_[i].at_end)));
  }
}

awaitable<SessionEnd> Session::run() {
  while (!end_) co_await over_.wait();
  co_await pumps_.wait_empty();
  idle_.clear();
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

void Session::seat(std::size_t side, std::unique_ptr<Leg> leg) {
  sides_[side].leg = leg.get();
  leg->join(sides_[side].room);
  pumps_.spawn(shard_.executor(), pump(side, std::move(leg)));
}

void Session::vacate(std::size_t side) {
  sides_[side].leg = nullptr;
  for (Side& either : sides_) either.room.notify();  // what a pump may be waiting for
}

awaitable<void> Session::pump(std::size_t side, std::unique_ptr<Leg> leg) {
  Side& own = sides_[side];
  Side& other = sides_[1 - side];
  for (;;) {
    const auto message = co_await leg->receive();
    if (!message) {
      if (!end_ && own.leg == leg.get()) leg_ended(side, *leg, message.error());
      break;
    }
    carry(side, *message);
    // Once the other has ended the session this one is not read any more: it waits for no room.
    while (own.leg == leg.get() && other.leg != nullptr && !(end_ && end_->by != by_side(side))) {
      if (const auto why = other.leg->end()) {
        if (!end_) leg_ended(1 - side, *other.leg, *why);
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

void Session::leg_ended(std::size_t side, const Leg&, EndReason reason) { end({reason, by_side(side)}); }

void Session::check_idle() {
  if (end_) return;
  const TimePoint last = last_heard_at();
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
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    Leg* const leg = sides_[i].leg;
    // A client that left is not stopped: what it sent before is still carried.
    if (leg == nullptr || why.by == by_side(i)) continue;
    leg->stop_receiving();
    sides_[1 - i].room.notify();
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

SessionState Session::state() const {
  if (end_) return SessionState::closing;
  return seated(0) && seated(1) ? SessionState::active : SessionState::held;
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
    return leg != nullptr ? leg->view() : LegView{};
  };
  return {.id = id_,
          .protocol = protocol_,
          .state = state(),
          .started = started_,
          .idle = std::chrono::duration_cast<std::chrono::milliseconds>(shard_.now() - last_message_at_),
          .legs = {of(sides_[0]), of(sides_[1])}};
}

}  // namespace parley

#include <openssl/rand.h>

#include <asio/post.hpp>
#include <random>
#include <utility>

#include "base/openssl.h"
#include "service/log/log.h"
#include "service/net/tcp_stream.h"
#include "service/net/tls_stream.h"
#include "service/session/relay_leg.h"
#include "service/shard/shard.h"

// The part of a shard that is relay/1's: legs meet in rooms, and come back to their sessions.

namespace parley {

namespace {

relay::SessionName draw_name() {
  relay::SessionName name{};
  must(RAND_bytes(reinterpret_cast<unsigned char*>(name.data()), static_cast<int>(name.size())) == 1, "no randomness");
  return name;
}

relay::Role role_of(relay::Place place) {
  return place == relay::Place::second ? relay::Role::second : relay::Role::first;
}

}  // namespace

awaitable<void> Shard::serve_relay(Descriptor socket, LegInfo info, Admission::Place place) {
  const auto credentials = context_.credentials;
  auto stream = std::make_unique<TlsStream>(
      credentials->tls, std::make_unique<TcpStream>(context_.poller, std::move(socket)), context_.scratch);
  std::unique_ptr<Leg> leg = std::make_unique<RelayLeg>(
      context_, std::move(stream),
      RelayState{.info = std::move(info), .place = std::move(place), .credentials = credentials});
  leg = co_await greet(std::move(leg), Protocol::relay);
  if (!leg) co_return;
  if (credentials->access) {
    const auto& token = static_cast<const RelayLeg&>(*leg).hello().access;
    const auto name = token ? credentials->access->check(*token) : std::nullopt;
    if (!name) {
      co_await dismiss(std::move(leg), Protocol::relay, EndReason::unauthorized);
      co_return;
    }
    log_event(Level::info, "access granted",
              {{"leg", to_string(leg->info().id)}, {"address", leg->info().address}, {"name", *name}});
  }
  enter_room(std::move(leg));
}

void Shard::enter_room(std::unique_ptr<Leg> leg) {
  const auto& relay_leg = static_cast<const RelayLeg&>(*leg);
  const relay::Hello& hello = relay_leg.hello();
  const Credentials& credentials = relay_leg.credentials();
  const auto refuse = [&](EndReason why) {
    gate_.spawn(context_.executor(), dismiss(std::move(leg), Protocol::relay, why));
  };
  if (draining_) return refuse(EndReason::draining);

  Rooms::Arrival arrival{{this, leg->info().id}, hello.room, leg->info().address_key, std::nullopt, draw_name()};
  if (hello.resume) {
    arrival.token = credentials.token_keys->verify(*hello.resume, hello.room);
    if (!arrival.token) return refuse(EndReason::bad_resume);
    arrival.token_expired =
        arrival.token->expired(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  }
  const Rooms::Answer answer = shared_.rooms.enter(
      arrival, {.in_all = context_.limits.max_connections, .per_address = context_.limits.max_rooms_per_address});
  switch (answer.kind) {
    case Rooms::Kind::refuse:
      return refuse(answer.why);
    case Rooms::Kind::wait:
    case Rooms::Kind::replace: {
      if (answer.kind == Rooms::Kind::replace) answer.other.shard->replace_waiting(answer.other.leg);
      const LegId id = leg->info().id;
      waiting_.emplace(id.value, Waiting{leg.get(), Protocol::relay, clock_.now(), nullptr, answer});
      gate_.spawn(context_.executor(), wait_in_room(std::move(leg)));
      return;
    }
    case Rooms::Kind::meet:
    case Rooms::Kind::rejoin:
      if (answer.other.shard != this) {
        answer.other.shard->enter(answer, leg->detach());
      } else {
        take_place(answer, std::move(leg));
      }
      return;
  }
}

void Shard::enter(const Rooms::Answer& answer, std::unique_ptr<DetachedLeg> arrival) {
  asio::post(io_, [this, answer, arrival = std::move(arrival)] { take_place(answer, arrival->attach(context_)); });
}

void Shard::take_place(const Rooms::Answer& answer, std::unique_ptr<Leg> leg) {
  if (answer.kind == Rooms::Kind::meet) {
    const auto found = waiting_.find(answer.other.leg.value);
    if (found != waiting_.end() && !found->second.leg->peer_gone()) {
      found->second.partner = std::move(leg);
      found->second.place = answer;
      found->second.leg->partner_came();
      return;
    }
    shared_.rooms.forget(static_cast<const RelayLeg&>(*leg).hello().room, answer.name);
  } else {
    const auto found = sessions_by_name_.find(answer.name);
    if (found != sessions_by_name_.end() && found->second->rejoin(role_of(answer.place), leg)) return;
  }
  // Who waited has gone, or the session is just beginning or ending: by the next turn the room will tell.
  asio::post(io_,
             [this, leg = std::make_shared<std::unique_ptr<Leg>>(std::move(leg))] { enter_room(std::move(*leg)); });
}

void Shard::replace_waiting(LegId waiting) {
  asio::post(io_, [this, waiting] {
    const auto found = waiting_.find(waiting.value);
    if (found != waiting_.end()) found->second.leg->abort(EndReason::replaced);
  });
}

awaitable<void> Shard::wait_in_room(std::unique_ptr<Leg> leg) {
  const LegId id = leg->info().id;
  auto& relay_leg = static_cast<RelayLeg&>(*leg);
  const std::string room = relay_leg.hello().room;
  const Rooms::Answer own = waiting_.at(id.value).place;
  relay_leg.waiting(own.name, own.place);
  const auto gone = co_await leg->wait_for_partner();
  shared_.rooms.leave(room, id);
  const auto waiting = waiting_.extract(id.value);
  std::unique_ptr<Leg> partner = std::move(waiting.mapped().partner);
  if (gone) {
    if (partner) {
      shared_.rooms.forget(room, own.name);
      enter_room(std::move(partner));
    }
    co_await dismiss(std::move(leg), Protocol::relay, *gone);
    co_return;
  }
  note_wait(Protocol::relay, waiting.mapped().since);
  const Rooms::Answer& met = waiting.mapped().place;
  Meeting meeting{.name = met.name, .resumed = met.resumed, .grace = context_.deadlines.resume_grace};
  meeting.on_held = [&rooms = shared_.rooms, room, name = met.name](bool held) { rooms.set_held(room, name, held); };
  meeting.on_over = [&rooms = shared_.rooms, room, name = met.name] { rooms.end(room, name); };
  // After a restart the second may be the one who came back first.
  if (met.place == relay::Place::first) std::swap(leg, partner);
  co_await carry(std::make_unique<Session>(context_, SessionId{new_id()}, Protocol::relay, std::move(leg),
                                           std::move(partner), std::move(meeting)));
}

void Shard::go_away(milliseconds within) {
  asio::post(io_, [this, within] {
    std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<milliseconds::rep> moment(0, within.count());
    for (const auto& [id, session] : sessions_) session->go_away([&] { return milliseconds{moment(random)}; });
  });
}

}  // namespace parley

#include "service/pairing/relay_pairing.h"

#include <openssl/rand.h>

#include <asio/post.hpp>
#include <random>
#include <utility>

#include "base/openssl.h"

namespace parley {

namespace {

relay::SessionName draw_name() {
  relay::SessionName name{};
  must(RAND_bytes(reinterpret_cast<unsigned char*>(name.data()), static_cast<int>(name.size())) == 1, "no randomness");
  return name;
}

// Who waits for a session that had not begun will be its first.
relay::Role role_of(relay::Place place) {
  return place == relay::Place::second ? relay::Role::second : relay::Role::first;
}

}  // namespace

void RelayPairing::arrive(std::unique_ptr<RelayLeg> leg) {
  if (draining_) return dismissed_.add(std::move(leg), EndReason::draining);
  const relay::Hello& hello = leg->hello();
  Rooms::Arrival arrival{{this, leg->info().id}, hello.room, leg->info().address_key, std::nullopt, draw_name()};
  if (hello.resume) {
    arrival.token = leg->credentials().token_keys->verify(*hello.resume, hello.room);
    if (!arrival.token) return dismissed_.add(std::move(leg), EndReason::bad_resume);
    arrival.token_expired = arrival.token->expired(std::chrono::floor<std::chrono::seconds>(shard_.wall_now()));
  }
  const Rooms::Answer answer = rooms_.enter(
      arrival, {.in_all = shard_.limits.max_connections, .per_address = shard_.limits.max_rooms_per_address});
  switch (answer.kind) {
    case Rooms::Kind::refuse:
      return dismissed_.add(std::move(leg), answer.why);
    case Rooms::Kind::replace:
      answer.other.at->replace_waiting(answer.other.leg);
      return wait_here(answer, std::move(leg));
    case Rooms::Kind::wait:
      return wait_here(answer, std::move(leg));
    case Rooms::Kind::meet:
    case Rooms::Kind::rejoin:
      if (answer.other.at != this) return answer.other.at->enter(answer, leg->detach());
      return take_place(answer, std::move(leg));
  }
}

void RelayPairing::wait_here(const Rooms::Answer& answer, std::unique_ptr<RelayLeg> leg) {
  const LegId id = leg->info().id;
  waiting_.emplace(id.value, Waiting{.leg = leg.get(),
                                     .room = leg->hello().room,
                                     .name = answer.name,
                                     .place = answer.place,
                                     .since = shard_.now()});
  leg->waiting(answer.name, answer.place);
  shard_.spawn(wait(id, std::move(leg)));
}

void RelayPairing::enter(const Rooms::Answer& answer, Detached<RelayLeg> arrival) {
  asio::post(shard_.io,
             [this, answer, arrival = std::move(arrival)]() mutable { take_place(answer, arrival.attach(shard_)); });
}

// Several may be on their way here at once, and those that come with a token may overtake the one who comes to meet.
void RelayPairing::take_place(const Rooms::Answer& answer, std::unique_ptr<RelayLeg> leg) {
  const auto session = sessions_by_name_.find(answer.name);
  if (session != sessions_by_name_.end()) {
    if (answer.kind == Rooms::Kind::meet || !session->second->rejoin(role_of(answer.place), leg)) {
      dismissed_.add(std::move(leg), EndReason::replaced);
    }
    return;
  }
  const auto found = waiting_.find(answer.other.leg.value);
  if (found == waiting_.end() || draining_) {
    // Who waited has gone, or the session is over. Each time round Rooms forgets what has led here: it will not again.
    rooms_.forget(leg->hello().room, answer.other);
    return arrive(std::move(leg));
  }
  if (role_of(answer.place) == role_of(found->second.place)) {
    take_waiting_place(found, std::move(leg));
  } else {
    take_partners_place(found, answer.kind, std::move(leg));
  }
}

void RelayPairing::take_partners_place(WaitingById::iterator found, Rooms::Kind how, std::unique_ptr<RelayLeg> leg) {
  Waiting& waiting = found->second;
  if (waiting.partner) {
    if (how == Rooms::Kind::rejoin) std::swap(waiting.partner, leg);
    dismissed_.add(std::move(leg), EndReason::replaced);
  } else if (waiting.leg == nullptr) {
    rooms_.forget(waiting.room, waiting.name);
    waiting_.erase(found);
    arrive(std::move(leg));
  } else {
    waiting.partner = std::move(leg);
    waiting.leg->partner_came();
  }
}

// It has its token from the leg that waits, or waited: its client is here, on this connection.
void RelayPairing::take_waiting_place(WaitingById::iterator found, std::unique_ptr<RelayLeg> leg) {
  RelayLeg* const older = std::exchange(found->second.leg, leg.get());
  if (older != nullptr) older->abort(EndReason::replaced);
  if (found->second.partner) return begin_session(found, std::move(leg));
  leg->waiting(found->second.name, found->second.place);
  shard_.spawn(wait(LegId{found->first}, std::move(leg)));
}

void RelayPairing::replace_waiting(LegId waiting) {
  asio::post(shard_.io, [this, waiting] {
    const auto found = waiting_.find(waiting.value);
    if (found != waiting_.end() && found->second.leg != nullptr) found->second.leg->abort(EndReason::replaced);
  });
}

awaitable<void> RelayPairing::wait(LegId id, std::unique_ptr<RelayLeg> leg) {
  const auto gone = co_await leg->wait_for_partner();
  const auto found = waiting_.find(id.value);
  if (found == waiting_.end() || found->second.leg != leg.get()) {
    dismissed_.add(std::move(leg), gone.value_or(EndReason::replaced));
    co_return;
  }
  if (!gone) {
    begin_session(found, std::move(leg));
    co_return;
  }
  if (found->second.partner) {
    // It is as if the partner had come to an empty room.
    rooms_.forget(found->second.room, found->second.name);
    auto partner = std::move(found->second.partner);
    waiting_.erase(found);
    arrive(std::move(partner));
  } else if (rooms_.leave(found->second.room, id)) {
    waiting_.erase(found);
  } else {
    found->second.leg = nullptr;
  }
  dismissed_.add(std::move(leg), *gone);
}

void RelayPairing::begin_session(WaitingById::iterator found, std::unique_ptr<RelayLeg> waited) {
  Waiting met = std::move(found->second);
  waiting_.erase(found);
  shard_.counters.of(Protocol::relay).note_pairing(shard_.now() - met.since);
  rooms_.set_held(met.room, met.name, false);
  // After a restart the second may be the one who came back first.
  if (met.place == relay::Place::second) std::swap(waited, met.partner);
  auto session = std::make_unique<RelaySession>(shard_, sessions_.new_id(),
                                                RelaySession::Terms{.room = std::move(met.room),
                                                                    .name = met.name,
                                                                    .resumed = met.place != relay::Place::waiting,
                                                                    .grace = shard_.deadlines.resume_grace},
                                                std::move(waited), std::move(met.partner), *this);
  sessions_by_name_.insert_or_assign(met.name, session.get());
  sessions_.start(std::move(session));
}

void RelayPairing::held(const RelaySession& session, bool held) {
  rooms_.set_held(session.room(), session.name(), held);
}

void RelayPairing::over(const RelaySession& session) {
  rooms_.end(session.room(), session.name());
  const auto found = sessions_by_name_.find(session.name());
  if (found != sessions_by_name_.end() && found->second == &session) sessions_by_name_.erase(found);
}

milliseconds RelayPairing::draw_moment(milliseconds within) {
  return milliseconds{std::uniform_int_distribution<milliseconds::rep>(0, within.count())(shard_.random)};
}

void RelayPairing::drain(milliseconds within) {
  draining_ = true;
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.leg != nullptr) waiting.leg->send_away_after(draw_moment(within), EndReason::draining);
  }
}

void RelayPairing::abort() {
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.leg != nullptr) waiting.leg->abort(EndReason::draining);
  }
}

void RelayPairing::go_away(milliseconds within) {
  for (const auto& [name, session] : sessions_by_name_) session->go_away([&] { return draw_moment(within); });
}

std::vector<WaitingView> RelayPairing::waiting() const {
  std::vector<WaitingView> found;
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.leg != nullptr) found.push_back({waiting.leg->view(), Protocol::relay});
    if (waiting.partner) found.push_back({waiting.partner->view(), Protocol::relay});
  }
  return found;
}

}  // namespace parley

#include "cli-client/probe/self_meeting.h"

#include <array>
#include <variant>

#include "cli-client/engine/wait.h"
#include "cli-client/net/tls_connection.h"

namespace parley::client {
namespace {

// Of the limit for one connection, for all of it: a relay that is well needs a small part of one.
constexpr int kTimeLimits = 3;

}  // namespace

SelfMeeting::SelfMeeting(const Meeting& meeting, const Trust& trust, const Patience& patience)
    : first_(meeting, {over_tls(trust)}, patience, {}, Clock::now()),
      second_(meeting, {over_tls(trust)}, patience, {}, Clock::now()),
      gives_up_at_(Clock::now() + kTimeLimits * patience.connect) {}

bool SelfMeeting::step() {
  wait(std::array{&first_, &second_}, {}, gives_up_at_);
  if (Clock::now() >= gives_up_at_) {
    late_ = Outcome{Outcome::Kind::failed, ExitStatus::failed,
                    "the relay takes connections, but a message did not get through in time; see its logs"};
  }
  return ended() == nullptr;
}

const Outcome* SelfMeeting::ended() const {
  for (const Engine* engine : {&first_, &second_}) {
    if (engine->outcome()) return &*engine->outcome();
  }
  return late_ ? &*late_ : nullptr;
}

template <class Event>
bool SelfMeeting::await(Engine& engine) {
  for (;;) {
    while (const auto event = engine.next_event()) {
      if (const auto* message = std::get_if<chat::Message>(&*event)) engine.taken(message->id, Clock::now());
      if (std::holds_alternative<Event>(*event)) return true;
    }
    if (!step()) return false;
  }
}

const Outcome* SelfMeeting::run() {
  if (!await<chat::Paired>(first_) || !await<chat::Paired>(second_)) return ended();
  const auto met = Clock::now();
  const Reached& reached = *first_.reached();
  report_.address = reached.address;
  report_.trusted_by = reached.trusted_by;
  report_.pin = pin_text(reached.pin);
  report_.lookup = reached.resolved - reached.begun;
  report_.tcp = reached.connected - reached.resolved;
  report_.tls = reached.open - reached.connected;
  report_.pairing = met - reached.open;
  first_.conversation().send(chat::Type::text, {});
  first_.advance(0, Clock::now());
  if (!await<chat::Message>(second_)) return ended();
  second_.conversation().send(chat::Type::text, {});
  second_.advance(0, Clock::now());
  if (!await<chat::Message>(first_)) return ended();
  report_.round_trip = Clock::now() - met;
  for (Engine* engine : {&first_, &second_}) {
    engine->conversation().finish();
    engine->leave(Clock::now());
  }
  // An outcome shows when all events before it have been taken.
  const auto over = [](Engine& engine) {
    while (engine.next_event()) {
    }
    return engine.outcome().has_value();
  };
  while (!late_ && (!over(first_) || !over(second_))) step();
  return nullptr;
}

}  // namespace parley::client

#include "cli-client/probe/self_meeting.h"

#include <cstdlib>
#include <utility>
#include <variant>

namespace parley::client {
namespace {

// For two goodbyes: an engine takes no longer when nothing gets through.
constexpr std::chrono::seconds kGoodbyeTime{2};

Cause cause_of(ConnectionFault::Kind kind) {
  using Kind = ConnectionFault::Kind;
  switch (kind) {
    case Kind::unreachable:
      return Cause::unreachable;
    case Kind::lost:
      return Cause::lost;
    case Kind::no_relay:
      return Cause::no_relay;
    case Kind::untrusted:
      return Cause::untrusted;
    case Kind::wrong_pin:
      return Cause::wrong_pin;
    case Kind::refused:
      return Cause::refused;
  }
  std::abort();
}

}  // namespace

SelfMeeting::SelfMeeting(const Meeting& meeting, const World& world, const Options& options, TimePoint now)
    : options_(options),
      begun_(now),
      gives_up_at_(now + options.limit),
      first_{Engine(meeting, world, options.patience, {}, now)},
      second_{Engine(meeting, world, options.patience, {}, now)},
      since_(now),
      gone_at_(now) {}

std::vector<Engine*> SelfMeeting::engines() {
  std::vector<Engine*> engines;
  for (Side* side : {&first_, &second_}) {
    if (!side->engine.outcome()) engines.push_back(&side->engine);
  }
  return engines;
}

void SelfMeeting::take_events(Side& side, TimePoint now) {
  while (const auto event = side.engine.next_event()) {
    if (std::holds_alternative<chat::Paired>(*event)) ++side.meetings;
    const auto* message = std::get_if<chat::Message>(&*event);
    if (message == nullptr) continue;
    ++side.messages;
    side.engine.taken(message->id, now);
  }
}

void SelfMeeting::advance(TimePoint now) {
  for (Side* side : {&first_, &second_}) take_events(*side, now);
  note_reached();
  while (stage_ < Stage::leaving) {
    if (auto failed = failure(now)) {
      report_.failure = std::move(failed);
      leave(now);
    } else if (!go_on(now)) {
      break;
    }
  }
  for (Side* side : {&first_, &second_}) take_events(*side, now);
  const bool both_left = first_.engine.outcome() && second_.engine.outcome();
  if (stage_ == Stage::leaving && (both_left || now >= gone_at_)) stage_ = Stage::over;
}

void SelfMeeting::note_reached() {
  if (report_.reached || !first_.engine.reached()) return;
  report_.reached = first_.engine.reached();
  const Reached& reached = *report_.reached;
  report_.time(Phase::lookup) = reached.resolved - reached.begun;
  report_.time(Phase::tcp) = reached.connected - reached.resolved;
  report_.time(Phase::tls) = reached.open - reached.connected;
  since_ = reached.open;
}

// True when a stage is done.
bool SelfMeeting::go_on(TimePoint now) {
  switch (stage_) {
    case Stage::meeting:
      if (!both_met_since(0, 0)) return false;
      report_.time(Phase::pair) = now - std::exchange(since_, now);
      say(first_, now);
      stage_ = Stage::asking;
      return true;
    case Stage::asking:
      if (second_.messages == 0) return false;
      say(second_, now);
      stage_ = Stage::answering;
      return true;
    case Stage::answering:
      if (first_.messages == 0) return false;
      report_.time(Phase::echo) = now - std::exchange(since_, now);
      if (!options_.resumes) {
        leave(now);
        return true;
      }
      session_ = first_.engine.session();
      first_meetings_ = first_.meetings;
      second_meetings_ = second_.meetings;
      first_.engine.lose_connection(now);
      stage_ = Stage::resuming;
      return true;
    case Stage::resuming:
      if (!both_met_since(first_meetings_, second_meetings_)) return false;
      if (first_.engine.session() == session_) {
        report_.time(Phase::resume) = now - since_;
      } else {
        report_.failure = not_resumed();
      }
      leave(now);
      return true;
    case Stage::leaving:
    case Stage::over:
      return false;
  }
  std::abort();
}

bool SelfMeeting::both_met_since(int first, int second) const {
  return first_.meetings > first && second_.meetings > second;
}

void SelfMeeting::say(Side& side, TimePoint now) {
  side.engine.conversation().send(chat::Type::text, {});
  side.engine.advance(0, now);
}

std::optional<Failure> SelfMeeting::failure(TimePoint now) const {
  for (const Side* side : {&first_, &second_}) {
    if (const auto& outcome = side->engine.outcome()) return failure_of(*outcome, now);
  }
  if (stage_ == Stage::resuming && !first_.engine.token()) return not_resumed();
  if (now >= gives_up_at_) return late();
  return std::nullopt;
}

Failure SelfMeeting::failure_of(const Outcome& outcome, TimePoint now) const {
  const auto& patience = options_.patience.first;
  const ExitStatus status = outcome.status == ExitStatus::done ? ExitStatus::failed : outcome.status;
  const Cause cause = outcome.fault                                 ? cause_of(*outcome.fault)
                      : status == ExitStatus::refused               ? Cause::refused
                      : patience && now >= begun_ + *patience       ? Cause::timeout
                      : outcome.kind == Outcome::Kind::partner_gone ? Cause::lost
                                                                    : Cause::failed;
  return {cause, status, outcome.text};
}

Failure SelfMeeting::late() const {
  const std::string what = stage_ == Stage::resuming ? "a side that had lost its connection did not get its place back"
                                                     : "a message did not get through";
  return {Cause::timeout, ExitStatus::failed, "the relay takes connections, but " + what + " in time; see its logs"};
}

Failure SelfMeeting::not_resumed() const {
  return {Cause::not_resumed, ExitStatus::failed,
          "the relay does not give a side that had lost its connection its place back; see its logs"};
}

void SelfMeeting::leave(TimePoint now) {
  stage_ = Stage::leaving;
  gone_at_ = now + kGoodbyeTime;
  for (Engine* engine : {&first_.engine, &second_.engine}) {
    if (!report_.failure) engine->conversation().finish();
    engine->leave(now);
    engine->advance(0, now);
  }
}

void SelfMeeting::abandon(TimePoint now) {
  if (stage_ < Stage::leaving) leave(now);
}

}  // namespace parley::client

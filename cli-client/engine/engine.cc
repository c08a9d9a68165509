#include "cli-client/engine/engine.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/version.h"
#include "cli-client/base/shown_name.h"
#include "cli-client/engine/chat_errors.h"
#include "cli-client/engine/relay_errors.h"
#include "protocol/chat/errc.h"

namespace parley::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = Link::State;

constexpr seconds kStable{5};
// A relay that sends us away is being replaced: after the time that it has given, and for as long as this, the next one
// is tried for at least as often as this.
constexpr seconds kNextRelayWithin{60};
constexpr milliseconds kOften{500};
constexpr std::size_t kUnsentBytes = std::size_t{64} * 1024;
// A relay that asks (by PING, say) and takes no answers is not read either.
constexpr std::size_t kMostUntaken = std::size_t{1024} * 1024;
constexpr std::size_t kWriteBytes = std::size_t{16} * 1024;
// A handshake that says that the secrets differ may have been damaged on the way; not time after time.
constexpr int kWrongSecrets = 3;

}  // namespace

Engine::Engine(Meeting meeting, World world, Patience patience, chat::Conversation::Options options, TimePoint now)
    : meeting_(std::move(meeting)),
      dial_(std::move(world.dial)),
      patience_(patience),
      backoff_(std::move(world.random)),
      token_(meeting_.resume),
      apart_since_(now),
      stable_at_(now),
      conversation_(std::move(options)),
      stream_(conversation_, meeting_.key) {
  connect(now);
}

bool Engine::reads() const { return !channel_ || (!inbox_.full() && connection_->unsent() <= kMostUntaken); }

pollfd Engine::wanted() const {
  if (!connection_) return {-1, 0, 0};
  pollfd fd = connection_->wanted();
  if (!reads()) fd.events = static_cast<short>(fd.events & ~POLLIN);
  return fd;
}

std::optional<TimePoint> Engine::deadline() const {
  if (outcome_) return std::nullopt;
  if (goodbye_) return goodbye_->until;
  std::optional<TimePoint> first;
  const auto consider = [&first](std::optional<TimePoint> at) {
    if (at && (!first || *at < *first)) first = at;
  };
  consider(conversation_.deadline());
  consider(patience_ends());
  consider(link_.retry_at);
  consider(partner_watch_.deadline());
  if (connection_) consider(connection_->deadline());
  if (channel_ && !inbox_.full()) consider(relay_watch_.deadline(connection_->last_heard()));
  return first;
}

void Engine::advance(short events, TimePoint now) {
  if (outcome_) return;
  if (link_.retry_at && now >= *link_.retry_at) connect(now);
  if (connection_) {
    connection_->advance(events, now);
    if (connection_->reached() && !channel_) on_open(now);
    if (channel_) take_frames(now);
  }
  conversation_.advance(now);
  if (connection_ && connection_->state() == Connection::State::ended && !outcome_) on_connection_end(now);
  if (channel_ && !outcome_ && !goodbye_) {
    write(now);
    watch(now);
  }
  if (partner_left_ && inbox_.all_taken() && !outcome_ && !goodbye_) end_without_partner(now);
  if (conversation_.over() && !outcome_ && !goodbye_) say_goodbye(now);
  if (goodbye_ && !outcome_ && (!connection_ || now >= goodbye_->until) && !goodbye_goes_on(now)) {
    end(goodbye_->outcome ? *goodbye_->outcome : outcome_of_leaving(), now);
  }
  if (const auto at = patience_ends(); at && now >= *at && !outcome_) lose_patience(now);
}

void Engine::connect(TimePoint now) {
  hang_up();
  link_.retry_at.reset();
  return_wait_.reset();
  connection_ = dial_(meeting_.relay, patience_.connect, now);
  set_state(State::connecting, now);
}

void Engine::on_open(TimePoint now) {
  reached_ = connection_->reached();
  channel_ = std::make_unique<RelayChannel>(
      relay::Hello{meeting_.room, token_, "parley/" + std::string(version()), meeting_.access});
  relay_watch_.begin(now);
  stable_at_ = now + kStable;
}

void Engine::take_frames(TimePoint now) {
  if (goodbye_) return connection_->received().clear();
  while (channel_ && !outcome_ && !goodbye_) {
    const auto event = channel_->next(connection_->received());
    if (!event) {
      return end(
          {Outcome::Kind::failed, ExitStatus::failed,
           meeting_.relay.text() + " does not keep to relay/1 (" + event.error().message() + "); tell its operator"},
          now);
    }
    if (!*event) break;
    std::visit([&](const auto& what) { on_event(what, now); }, **event);
  }
  if (now >= stable_at_ && channel_) backoff_.reset();
}

void Engine::on_event(const relay::Waiting& waiting, TimePoint now) {
  token_ = waiting.resume;
  entered_ = true;
  relay_watch_.welcomed();
  set_state(State::waiting, now);
}

void Engine::on_event(const relay::Paired& paired, TimePoint now) {
  token_ = paired.resume;
  entered_ = true;
  session_ = paired.session;
  relay_watch_.welcomed();
  stream_.start(paired.role);
  partner_watch_.expect_word(now);
  set_state(State::greeting, now);
}

void Engine::on_event(const relay::PeerLeft& left, TimePoint now) {
  partner_was_lost_ = link_.state == State::partner_lost;
  stop_stream();
  if (left.reason == relay::Departure::lost) return set_state(State::partner_lost, now);
  // The relay closes after this. What has come is still to be taken: see end_without_partner().
  hang_up();
  token_.reset();
  partner_left_ = true;
}

void Engine::on_event(const relay::Error& error, TimePoint now) {
  const RelayAnswer answer = answer_to(error, meeting_.relay.text(), meeting_.key.has_value(), token_.has_value());
  if (answer.forget_token) token_.reset();
  if (!answer.retry) return end({Outcome::Kind::failed, answer.status, answer.text}, now);
  // The place was a former program's, and its user knows of none that is lost.
  if (error.code == relay::ErrorCode::bad_resume && !entered_) return connect(now);
  // Without a token now, when there was one, the next attempt is another one, not the same again.
  if (error.code == relay::ErrorCode::draining) expect_the_next_relay(answer.wait, now);
  reconnect(answer.text, now, {.told = answer.wait, .at_once = answer.at_once});
}

void Engine::on_event(const relay::Goaway& goaway, TimePoint now) {
  return_wait_ = goaway.reconnect_after;
  expect_the_next_relay(goaway.reconnect_after, now);
}

void Engine::expect_the_next_relay(milliseconds after, TimePoint now) { often_until_ = now + after + kNextRelayWithin; }

void Engine::on_connection_end(TimePoint now) {
  const ConnectionFault fault = connection_->fault();
  using Kind = ConnectionFault::Kind;
  if (goodbye_) return hang_up();
  if (fault.kind == Kind::refused) {
    return end({Outcome::Kind::failed, ExitStatus::refused, fault.text, {}, fault.kind}, now);
  }
  const bool first = !reached_;
  if (first || fault.kind == Kind::untrusted || fault.kind == Kind::wrong_pin) {
    return end({Outcome::Kind::failed, ExitStatus::no_connection, fault.text, fault.pin, fault.kind}, now);
  }
  reconnect(fault.text, now, {});
}

void Engine::watch(TimePoint now) {
  // What we do not read, for want of room, is not the relay's silence.
  const TimePoint heard = inbox_.full() ? now : connection_->last_heard();
  switch (relay_watch_.look(heard, now)) {
    case RelayWatch::Verdict::fine:
      break;
    case RelayWatch::Verdict::ask:
      channel_->ping();
      flush();
      break;
    case RelayWatch::Verdict::gone:
      return reconnect("nothing comes from the relay any more", now, {});
  }
  if (partner_watch_.stalled(conversation_.unacknowledged_bytes() > 0, now)) {
    return reconnect("the other side does not answer", now, {});
  }
  // What was under way when the relay asked us to go has gone out; the rest is sent again after coming back.
  if (return_wait_ && connection_->unsent() == 0) reconnect("the relay is being replaced", now, {});
}

void Engine::reconnect(std::string why, TimePoint now, ComeBack when) {
  hang_up();
  const auto own = when.at_once         ? backoff_.next_after_none()
                   : now < often_until_ ? backoff_.next(kOften)
                                        : backoff_.next();
  const auto wait = std::max({own, backoff_.at_least(when.told), return_wait_.value_or(milliseconds(0))});
  link_.why = std::move(why);
  link_.retry_at = now + wait;
  set_state(State::reconnecting, now);
}

void Engine::hang_up() {
  stop_stream();
  connection_.reset();
  channel_.reset();
}

void Engine::on_event(const Data& data, TimePoint now) {
  const auto error = stream_.receive(data.bytes, now);
  move_events(now);
  if (error) on_stream_error(error, now);
}

void Engine::on_stream_error(std::error_code error, TimePoint now) {
  if (error == chat::Errc::stream_closed) {
    // As a rule the other side has left. What comes next is the relay's word of it; without that, another stream.
    stop_stream();
    partner_watch_.expect_word(now);
  } else if (error == chat::Errc::wrong_secret) {
    on_wrong_secret(now);
  } else if (error == chat::Errc::damaged || (error == chat::Errc::in_clear && was_together_)) {
    write(now);  // an alert tells the other side
    reconnect("what came was damaged on the way", now, {});
  } else {
    say_goodbye(now, outcome_of(error));
  }
}

void Engine::on_wrong_secret(TimePoint now) {
  if (++wrong_secrets_ >= kWrongSecrets) {
    return say_goodbye(
        now, Outcome{Outcome::Kind::failed, ExitStatus::refused,
                     "the other side has another invite (its secret is not the same); both need the very same one"});
  }
  write(now);
  reconnect("the secrets differ, or a greeting was damaged on the way", now, {});
}

void Engine::move_events(TimePoint now) {
  while (auto event = conversation_.next_event()) {
    if (const auto* paired = std::get_if<chat::Paired>(&*event)) {
      link_.partner = shown_name(paired->name);
      was_together_ = true;
      wrong_secrets_ = 0;
      backoff_.reset();
      partner_watch_.met();
      set_state(State::together, now);
    } else if (const auto* renamed = std::get_if<chat::Renamed>(&*event)) {
      link_.partner = shown_name(renamed->name);
    } else if (std::holds_alternative<chat::Acknowledged>(*event)) {
      partner_watch_.progress();
    }
    inbox_.put(std::move(*event));
  }
}

void Engine::write(TimePoint now) {
  if (connection_->state() != Connection::State::open) return;
  Bytes bytes;
  do {
    bytes.clear();
    stream_.write(bytes, kWriteBytes, now);
    if (!bytes.empty()) channel_->send(bytes);
    flush();
  } while (!bytes.empty() && connection_->unsent() < kUnsentBytes);
}

void Engine::flush() {
  connection_->send(channel_->output());
  channel_->output().clear();
}

void Engine::stop_stream() {
  stream_.stop();
  partner_watch_.stop();
}

void Engine::taken(chat::MessageId id, TimePoint now) {
  inbox_.taken(id);
  conversation_.taken(id, now);
}

void Engine::connect_now(TimePoint now) {
  if (link_.retry_at) link_.retry_at = now;
}

void Engine::lose_connection(TimePoint now) {
  if (channel_ && !outcome_ && !goodbye_) connect(now);
}

void Engine::set_state(State state, TimePoint now) {
  if (link_.state == State::together && state != State::together) apart_since_ = now;
  if (state == State::together) link_.why.clear();
  link_.state = state;
  ++link_.changes;
}

}  // namespace parley::client

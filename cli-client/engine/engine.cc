#include "cli-client/engine/engine.h"

#include "base/duration.h"
#include "base/version.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli-client/base/shown_name.h"
#include "cli-client/engine/relay_errors.h"
#include "protocol/chat/errc.h"
#include "protocol/chat/psk.h"

namespace parley::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = Link::State;

// A path over which nothing has come for the first is asked by PING; without an answer within the second it is dead.
constexpr seconds kQuiet{10};
constexpr seconds kAnswerTime{10};
constexpr seconds kStable{5};
constexpr seconds kGoodbyeTime{2};
constexpr std::size_t kUnsentBytes = std::size_t{64} * 1024;
// A relay that asks (by PING, say) and takes no answers is not read either.
constexpr std::size_t kMostUntaken = std::size_t{1024} * 1024;
constexpr std::size_t kWriteBytes = std::size_t{16} * 1024;
// A handshake that says that the secrets differ may have been damaged on the way; not time after time.
constexpr int kWrongSecrets = 3;
// For the partner's part of the inner handshake and its HELLO.
constexpr seconds kGreetingTime{10};
// What was written and is not acknowledged may have been dropped on the way, with nothing after it to show that. But
// the partner may as well be slow to take it: so it is sent again after longer and longer times.
constexpr seconds kFirstStall{20};
constexpr seconds kLongestStall{600};

}  // namespace

Engine::Engine(Meeting meeting, const Trust& trust, Patience patience, chat::Conversation::Options options,
               TimePoint now)
    : meeting_(std::move(meeting)),
      trust_(trust),
      patience_(patience),
      backoff_(random_below),
      token_(meeting_.resume),
      apart_since_(now),
      stable_at_(now),
      stall_(kFirstStall),
      conversation_(std::move(options)) {
  connect(now);
}

Engine::~Engine() { wipe(std::span(plaintext_)); }

pollfd Engine::wanted() const {
  if (!connection_) return {-1, 0, 0};
  pollfd fd = connection_->wanted();
  if (inbox_.full() || connection_->unsent() > kMostUntaken) fd.events = static_cast<short>(fd.events & ~POLLIN);
  return fd;
}

std::optional<Engine::TimePoint> Engine::deadline() const {
  if (outcome_) return std::nullopt;
  std::optional<TimePoint> first;
  const auto consider = [&first](std::optional<TimePoint> at) {
    if (at && (!first || *at < *first)) first = at;
  };
  consider(goodbye_deadline_);
  if (goodbye_deadline_) return first;
  consider(conversation_.deadline());
  consider(patience_ends());
  consider(link_.retry_at);
  if (connection_) consider(connection_->deadline());
  consider(stalls_at_);
  if (channel_) consider(pinged_at_ ? *pinged_at_ + kAnswerTime : connection_->last_heard() + kQuiet);
  return first;
}

void Engine::advance(short events, TimePoint now) {
  if (outcome_) return;
  if (!connection_ && link_.retry_at && now >= *link_.retry_at) connect(now);
  if (connection_) {
    connection_->advance(events, now);
    if (connection_->was_open() && !channel_) on_open(now);
    if (channel_) take_frames(now);
  }
  conversation_.advance(now);
  if (connection_ && connection_->state() == Connection::State::ended && !outcome_) on_connection_end(now);
  if (channel_ && !outcome_ && !goodbye_deadline_) {
    write(now);
    watch_the_path(now);
  }
  move_events();
  if (partner_left_ && inbox_.all_taken() && !outcome_) end_without_partner(now);
  if (conversation_.over() && !goodbye_deadline_ && !outcome_) say_goodbye(now);
  if (goodbye_deadline_ && now >= *goodbye_deadline_) connection_.reset();
  if (goodbye_deadline_ && !connection_ && !outcome_) {
    end(farewell_                  ? *farewell_
        : conversation_.good_end() ? Outcome{Outcome::Kind::done, ExitStatus::done, "the conversation is over"}
                                   : Outcome{Outcome::Kind::left, ExitStatus::done, "you left"});
  }
  if (const auto at = patience_ends(); at && now >= *at && !outcome_) {
    if (link_.state == State::waiting) token_.reset();  // such a place is not kept for who goes
    end({Outcome::Kind::failed, ExitStatus::failed, given_up_text(now)});
  }
}

std::string Engine::given_up_text(TimePoint now) const {
  const std::string limit = duration_text(*(was_together_ ? patience_.again : patience_.first));
  const bool reached = link_.state == State::waiting || link_.state == State::partner_lost;
  if (!reached) return link_text(link_, now) + "; gave up after " + limit;
  if (!was_together_) return "nobody came within " + limit;
  return (link_.partner.empty() ? "the other side" : link_.partner) + " did not come back within " + limit;
}

std::optional<Engine::TimePoint> Engine::patience_ends() const {
  const auto& limit = was_together_ ? patience_.again : patience_.first;
  if (!limit || link_.state == State::together || goodbye_deadline_) return std::nullopt;
  return apart_since_ + *limit;
}

void Engine::connect(TimePoint now) {
  link_.retry_at.reset();
  channel_.reset();
  pinged_at_.reset();
  return_wait_.reset();
  connection_ = std::make_unique<Connection>(meeting_.relay, trust_, patience_.connect, now);
  set_state(State::connecting);
}

void Engine::on_open(TimePoint now) {
  relay_pin_ = connection_->pin();
  channel_ = std::make_unique<RelayChannel>(
      relay::Hello{meeting_.room, token_, "parley/" + std::string(version()), meeting_.access});
  stable_at_ = now + kStable;
}

void Engine::take_frames(TimePoint now) {
  if (goodbye_deadline_) return connection_->received().clear();
  while (channel_ && !outcome_ && !goodbye_deadline_) {
    auto event = channel_->next(connection_->received());
    if (!event) {
      end({Outcome::Kind::failed, ExitStatus::failed,
           meeting_.relay.text() + " does not keep to relay/1 (" + event.error().message() + "); tell its operator"});
      return;
    }
    if (!*event) break;
    std::visit([&](const auto& what) { on_event(what, now); }, **event);
  }
  if (now >= stable_at_ && channel_) backoff_.reset();
}

void Engine::on_event(const relay::Waiting& waiting, TimePoint) {
  token_ = waiting.resume;
  entered_ = true;
  set_state(State::waiting);
}

void Engine::on_event(const relay::Paired& paired, TimePoint now) {
  token_ = paired.resume;
  entered_ = true;
  session_ = paired.session;
  drop_stream();
  if (meeting_.key) {
    using Role = chat::InnerTls::Role;
    inner_ =
        std::make_unique<chat::InnerTls>(paired.role == relay::Role::first ? Role::first : Role::second, *meeting_.key);
  } else {
    conversation_.start_stream();
  }
  stalls_at_ = now + kGreetingTime;
  set_state(State::greeting);
}

void Engine::on_event(const Data& data, TimePoint now) {
  // Between the partner's loss and the next PAIRED there is no stream, and what is on its way is of none.
  if (link_.state != State::greeting && link_.state != State::together) return;
  ByteView bytes = data.bytes;
  std::error_code inner_error;
  if (inner_) {
    const bool was_open = inner_->state() == chat::InnerTls::State::open;
    plaintext_.clear();
    inner_error = inner_->receive(bytes, plaintext_);
    bytes = plaintext_;
    if (!was_open && inner_->state() != chat::InnerTls::State::handshaking && !inner_error) {
      conversation_.start_stream();
    }
  }
  const auto error = conversation_.receive(bytes, now);
  wipe(std::span(plaintext_));
  move_events();
  if (error) return on_chat_error(error, now);
  if (inner_error) on_inner_error(inner_error, now);
}

void Engine::on_event(const relay::PeerLeft& left, TimePoint) {
  partner_was_lost_ = link_.state == State::partner_lost;
  drop_stream();
  if (left.reason == relay::Departure::lost) return set_state(State::partner_lost);
  token_.reset();
  partner_left_ = true;
}

// Once all that it had sent has been taken.
void Engine::end_without_partner(TimePoint now) {
  partner_left_ = false;
  // A lone BYE is no loss.
  const std::size_t kept = conversation_.unacknowledged_bytes();
  const bool all_arrived = kept == 0 || (conversation_.finishing() && kept <= chat::kHeaderBytes);
  if (conversation_.good_end() && conversation_.finishing() && all_arrived) {
    end({Outcome::Kind::done, ExitStatus::done, "the other side left"});
  } else if (partner_was_lost_ && !conversation_.good_end() && !(conversation_.finishing() && all_arrived)) {
    // Its grace has passed; but who sleeps longer than that may still come to the room again.
    reconnect("the other side has lost its connection", backoff_.next_after_none(), now);
  } else {
    end({Outcome::Kind::partner_gone, all_arrived ? ExitStatus::done : ExitStatus::failed,
         all_arrived ? "the other side left" : "the other side left before it had everything"});
  }
}

void Engine::on_event(const relay::Error& error, TimePoint now) {
  const RelayAnswer answer = answer_to(error, meeting_.relay.text(), meeting_.key.has_value(), token_.has_value());
  if (answer.forget_token) token_.reset();
  if (!answer.retry) return end({Outcome::Kind::failed, answer.status, answer.text});
  // The place was a former program's, and its user knows of none that is lost.
  if (error.code == relay::ErrorCode::bad_resume && !entered_) return connect(now);
  // Without a token now, when there was one, the next attempt is another one, not the same again.
  const auto wait = answer.at_once ? backoff_.next_after_none() : backoff_.next();
  reconnect(answer.text, std::max(backoff_.at_least(answer.wait), wait), now);
}

void Engine::on_event(const relay::Goaway& goaway, TimePoint) { return_wait_ = goaway.reconnect_after; }

void Engine::on_connection_end(TimePoint now) {
  const ConnectionFault fault = connection_->fault();
  using Kind = ConnectionFault::Kind;
  if (goodbye_deadline_ || partner_left_) {
    connection_.reset();
    channel_.reset();
    return;
  }
  if (fault.kind == Kind::refused) return end({Outcome::Kind::failed, ExitStatus::refused, fault.text});
  const bool first = !relay_pin_;
  const bool final = fault.kind == Kind::untrusted || fault.kind == Kind::wrong_pin;
  if (first || final) {
    return end({Outcome::Kind::failed, ExitStatus::no_connection, fault.text, fault.pin});
  }
  reconnect(fault.text, std::max(return_wait_.value_or(milliseconds(0)), backoff_.next()), now);
}

void Engine::on_inner_error(std::error_code error, TimePoint now) {
  if (error == chat::Errc::stream_closed) {
    // As a rule the other side has left. What comes next is the relay's word of it; without that, another stream.
    drop_stream();
    stalls_at_ = now + kGreetingTime;
    return;
  }
  if (error == chat::Errc::wrong_secret && ++wrong_secrets_ >= kWrongSecrets) {
    return say_goodbye(
        now, Outcome{Outcome::Kind::failed, ExitStatus::refused,
                     "the other side has another invite (its secret is not the same); both need the very same one"});
  }
  write(now);  // an alert tells the other side
  reconnect(error == chat::Errc::wrong_secret ? "the secrets differ, or a greeting was damaged on the way"
                                              : "what came was damaged on the way",
            backoff_.next(), now);
}

void Engine::on_chat_error(std::error_code error, TimePoint now) {
  Outcome outcome{Outcome::Kind::failed, ExitStatus::failed,
                  "the other side does not keep to chat/1 (" + error.message() + "); the conversation was given up"};
  if (error == chat::Errc::reflected) {
    outcome.text = "the relay sends back what it is sent; the conversation was given up";
  } else if (error == chat::Errc::other_protocol) {
    outcome.status = ExitStatus::refused;
    outcome.text = "the other side speaks another version of chat/1; one of the two needs a newer parley";
  }
  say_goodbye(now, std::move(outcome));
}

void Engine::write(TimePoint now) {
  if (connection_->state() != Connection::State::open) return;
  Bytes bytes;
  do {
    bytes.clear();
    const bool streams = !inner_ || inner_->state() == chat::InnerTls::State::open;
    if (streams && channel_->paired()) conversation_.write(bytes, kWriteBytes, now);
    if (inner_) {
      if (!bytes.empty()) inner_->send(bytes);
      wipe(std::span(bytes));
      bytes.resize(inner_->pending_output());
      bytes.resize(inner_->read_output(bytes));
    }
    if (!bytes.empty()) channel_->send(bytes);
    connection_->send(channel_->output());
    channel_->output().clear();
  } while (!bytes.empty() && connection_->unsent() < kUnsentBytes);
}

void Engine::watch_the_path(TimePoint now) {
  const auto quiet = now - connection_->last_heard();
  if (quiet < kQuiet) {
    pinged_at_.reset();
  } else if (pinged_at_ && now >= *pinged_at_ + kAnswerTime) {
    return reconnect("nothing comes from the relay any more", backoff_.next(), now);
  } else if (!pinged_at_) {
    pinged_at_ = now;
    channel_->ping();
    connection_->send(channel_->output());
    channel_->output().clear();
  }
  const bool talking = conversation_.paired();
  if (stalls_at_ && now >= *stalls_at_) {
    if (talking) stall_ = std::min(stall_ * 2, kLongestStall);
    return reconnect("the other side does not answer", backoff_.next(), now);
  }
  if (talking) {
    // Since the last sign of progress.
    const bool open = conversation_.unacknowledged_bytes() > 0;
    if (!open) stalls_at_.reset();
    if (open && !stalls_at_) stalls_at_ = now + stall_;
  }
  // What was under way when the relay asked us to go has gone out; the rest is sent again after coming back.
  if (return_wait_ && connection_->unsent() == 0) {
    reconnect("the relay is being replaced", std::max(*return_wait_, backoff_.next()), now);
  }
}

void Engine::reconnect(std::string why, milliseconds wait, TimePoint now) {
  drop_stream();
  connection_.reset();
  channel_.reset();
  link_.why = std::move(why);
  link_.retry_at = now + wait;
  set_state(State::reconnecting);
}

void Engine::drop_stream() {
  conversation_.stop_stream();
  inner_.reset();
  stalls_at_.reset();
}

void Engine::leave(TimePoint now) {
  if (outcome_ || goodbye_deadline_) return;
  // What can still be said in good order, is.
  if (conversation_.paired() && conversation_.unacknowledged_bytes() == 0) conversation_.finish();
  if (channel_) write(now);
  say_goodbye(now);
}

void Engine::say_goodbye(TimePoint now, std::optional<Outcome> farewell) {
  farewell_ = std::move(farewell);
  goodbye_deadline_ = now + kGoodbyeTime;
  set_state(State::leaving);
  if (channel_ && connection_->state() == Connection::State::open) {
    write(now);
    if (inner_ && inner_->state() == chat::InnerTls::State::open) {
      inner_->close();
      write(now);
    }
    channel_->bye();
    token_.reset();
    connection_->send(channel_->output());
    channel_->output().clear();
    connection_->finish();
  } else {
    connection_.reset();
    goodbye_deadline_ = now;
  }
}

void Engine::move_events() {
  while (auto event = conversation_.next_event()) {
    if (const auto* paired = std::get_if<chat::Paired>(&*event)) {
      link_.partner = shown_name(paired->name);
      was_together_ = true;
      wrong_secrets_ = 0;
      backoff_.reset();
      stalls_at_.reset();
      set_state(State::together);
    } else if (const auto* renamed = std::get_if<chat::Renamed>(&*event)) {
      link_.partner = shown_name(renamed->name);
    } else if (std::holds_alternative<chat::Acknowledged>(*event)) {
      stall_ = kFirstStall;
      stalls_at_.reset();
    }
    inbox_.put(std::move(*event));
  }
}

std::optional<chat::Event> Engine::next_event() {
  move_events();
  return inbox_.next();
}

void Engine::taken(chat::MessageId id, TimePoint now) {
  inbox_.taken(id);
  conversation_.taken(id, now);
}

void Engine::end(Outcome outcome) {
  if (!outcome_) outcome_ = std::move(outcome);
  drop_stream();
  connection_.reset();
  channel_.reset();
  link_.retry_at.reset();
  set_state(State::ended);
}

const std::optional<Outcome>& Engine::outcome() const {
  static const std::optional<Outcome> kNone;
  return inbox_.empty() ? outcome_ : kNone;
}

void Engine::set_state(State state) {
  if (link_.state == State::together && state != State::together) apart_since_ = Clock::now();
  if (state == State::together) link_.why.clear();
  link_.state = state;
  ++link_.changes;
}

std::string Engine::verify_text() const {
  if (!inner_ || inner_->state() != chat::InnerTls::State::open) return {};
  return chat::verify_text(inner_->verify_bytes());
}

}  // namespace parley::client

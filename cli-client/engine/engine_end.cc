// How Engine's conversation ends: by who leaves, for want of the other side, or of patience.
#include <algorithm>
#include <utility>

#include "base/duration.h"
#include "cli-client/engine/engine.h"

namespace parley::client {
namespace {

using std::chrono::seconds;
using State = Link::State;

constexpr seconds kGoodbyeTime{2};  // without anything getting through
constexpr seconds kLongestGoodbye{30};

}  // namespace

void Engine::leave(TimePoint now) {
  if (!outcome_ && !goodbye_) say_goodbye(now);
}

void Engine::fail(std::string why, TimePoint now) {
  Outcome failure{Outcome::Kind::failed, ExitStatus::failed, std::move(why)};
  conversation_.give_up();
  if (outcome_) {
    // It may be known already that the other side is gone, while what it had said is still being looked at.
    if (outcome_->kind != Outcome::Kind::failed) outcome_ = std::move(failure);
  } else if (!goodbye_) {
    say_goodbye(now, std::move(failure));
  } else if (!goodbye_->outcome) {
    goodbye_->outcome = std::move(failure);
  }
}

void Engine::say_goodbye(TimePoint now, std::optional<Outcome> outcome) {
  goodbye_ = Goodbye{.until = now, .outcome = std::move(outcome)};
  link_.retry_at.reset();
  set_state(State::leaving, now);
  if (!channel_ || connection_->state() != Connection::State::open) return hang_up();
  goodbye_->until = now + kGoodbyeTime;
  conversation_.acknowledge_now();
  write(now);
  stream_.close();
  write(now);
  channel_->bye();
  token_.reset();
  flush();
  connection_->finish();
  goodbye_->ends = now + kLongestGoodbye;
  goodbye_->undelivered = connection_->undelivered();
}

// What we had sent before may need long, and without the goodbye behind it we would be waited for.
bool Engine::goodbye_goes_on(TimePoint now) {
  if (!connection_ || now >= goodbye_->ends) return false;
  const std::size_t left = connection_->undelivered();
  if (left >= std::exchange(goodbye_->undelivered, left)) return false;
  goodbye_->until = std::min(now + kGoodbyeTime, goodbye_->ends);
  return true;
}

Outcome Engine::outcome_of_leaving() const {
  using Kind = Outcome::Kind;
  if (conversation_.good_end()) return {Kind::done, ExitStatus::done, "the conversation is over"};
  if (!was_together_) return {Kind::left, ExitStatus::done, "you left"};
  return {Kind::left, ExitStatus::failed,
          conversation_.delivered_all() ? "you left before the other side had said that it was done; what it said last "
                                          "may be missing"
                                        : "you left before the other side had everything"};
}

// The partner is gone for good, and all that it had sent has been taken.
void Engine::end_without_partner(TimePoint now) {
  using Kind = Outcome::Kind;
  partner_left_ = false;
  if (conversation_.good_end()) return end({Kind::done, ExitStatus::done, "the other side left"}, now);
  const bool nothing_to_say = conversation_.finishing() && conversation_.delivered_all();
  if (partner_was_lost_ && !conversation_.heard_all() && !nothing_to_say) {
    // Its grace has passed; but who sleeps longer than that may still come to the room again.
    return reconnect("the other side has lost its connection", now, {.at_once = true});
  }
  const std::string gone = partner_was_lost_ ? "the other side is gone" : "the other side left";
  end({Kind::partner_gone, ExitStatus::failed,
       gone + (conversation_.heard_all() || !conversation_.delivered_all()
                   ? " before it had everything"
                   : " without saying that it was done; what it said last may be missing")},
      now);
}

std::optional<TimePoint> Engine::patience_ends() const {
  const auto& limit = was_together_ ? patience_.again : patience_.first;
  if (!limit || link_.state == State::together || goodbye_ || partner_left_) return std::nullopt;
  return apart_since_ + *limit;
}

void Engine::lose_patience(TimePoint now) {
  const std::string limit = duration_text(*(was_together_ ? patience_.again : patience_.first));
  std::string text;
  if (link_.state != State::waiting && link_.state != State::partner_lost) {
    text = link_text(link_, now) + "; gave up after " + limit;
  } else if (!was_together_) {
    text = "nobody came within " + limit;
  } else {
    text = (link_.partner.empty() ? "the other side" : link_.partner) + " did not come back within " + limit;
  }
  if (link_.state == State::waiting) token_.reset();  // such a place is not kept for who goes
  end({Outcome::Kind::failed, ExitStatus::failed, std::move(text)}, now);
}

void Engine::end(Outcome outcome, TimePoint now) {
  outcome_ = std::move(outcome);
  hang_up();
  link_.retry_at.reset();
  set_state(State::ended, now);
}

const std::optional<Outcome>& Engine::outcome() const {
  static const std::optional<Outcome> kNone;
  return inbox_.empty() ? outcome_ : kNone;
}

}  // namespace parley::client

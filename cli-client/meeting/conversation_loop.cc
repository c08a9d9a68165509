#include "cli-client/meeting/conversation_loop.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli-client/base/own_folder.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/base/sudden_end.h"
#include "cli-client/engine/wait.h"
#include "cli-client/meeting/wrong_pair.h"
#include "cli-client/net/tls_connection.h"

namespace parley::client {

namespace {

constexpr std::chrono::seconds kLongGoodbye{1};

std::vector<std::string> features_for(chat::Purpose purpose) {
  std::vector<std::string> features{std::string(chat::feature_of(purpose))};
  if (purpose != chat::Purpose::pipe) features.emplace_back(chat::kStoredFeature);
  return features;
}

Meeting at_place(Meeting meeting, const KeptPlace& place) {
  meeting.resume = place.token();
  return meeting;
}

}  // namespace

ConversationLoop::ConversationLoop(const Plan& plan, Signals& signals, chat::Purpose purpose)
    : plan_(plan),
      signals_(signals),
      purpose_(purpose),
      place_(state_folder(), plan.meeting.relay, plan.meeting.room),
      engine_(at_place(plan.meeting, place_), {over_tls(plan.trust)}, plan.patience, {plan.name, features_for(purpose)},
              Engine::Clock::now()) {}

ConversationLoop::~ConversationLoop() { place_.keep(engine_.token()); }

std::optional<chat::Event> ConversationLoop::next_event() {
  // Of a failure the outcome is there only when all events have been taken.
  while (auto event = engine_.next_event()) {
    if (const auto* paired = std::get_if<chat::Paired>(&*event)) {
      const auto theirs = chat::purpose_in(paired->features);
      if (theirs && !chat::fit(purpose_, *theirs)) fail(wrong_pair_text(purpose_, theirs));
    }
    if (!failed_) return event;
  }
  return std::nullopt;
}

void ConversationLoop::taken(chat::MessageId id) {
  const auto now = Clock::now();
  engine_.taken(id, now);
  quiet_since_ = now;
}

void ConversationLoop::leave() {
  if (purpose_ == chat::Purpose::chat && conversation().delivered_all() && engine_.all_taken()) conversation().finish();
  engine_.leave(Clock::now());
}

void ConversationLoop::fail(std::string why) {
  failed_ = true;
  engine_.fail(std::move(why), Clock::now());
}

void ConversationLoop::fail_for(const chat::Message& message) {
  fail(wrong_pair_text(purpose_, chat::purpose_shown_by(message.type)));
}

void ConversationLoop::watch_the_end(TimePoint now) {
  const bool reachable = engine_.link().state == Link::State::together;
  was_together_ = was_together_ || reachable;
  const bool changed = std::exchange(reachable_, reachable) != reachable;
  const bool acknowledged = conversation().bye_acknowledged();
  if (std::exchange(has_bye_, acknowledged) != acknowledged || changed) quiet_since_ = now;
  if (const auto at = leaves_at(); at && now >= *at) engine_.leave(now);
}

// On a slow line what was sent before takes its time: then there is a way out that is not known to everybody.
std::optional<TimePoint> ConversationLoop::tell_of_a_long_goodbye() {
  if (signal_ == 0 || told_of_goodbye_ || over()) return std::nullopt;
  const TimePoint at = signalled_at_ + kLongGoodbye;
  if (Clock::now() < at) return at;
  told_of_goodbye_ = true;
  say("what was sent is still on its way, and the goodbye behind it; Ctrl-C again leaves at once");
  return std::nullopt;
}

// What is still waited for is the other side's BYE: docs/chat-protocol.md, "The end". Where it matters that it has
// taken all, its coming back is worth the time of --wait.
std::optional<TimePoint> ConversationLoop::leaves_at() const {
  const chat::Conversation& conversation = engine_.conversation();
  const bool leaving = engine_.link().state == Link::State::leaving || engine_.link().state == Link::State::ended;
  if (purpose_ == chat::Purpose::pipe || leaving) return std::nullopt;
  if (!conversation.finishing() || !conversation.delivered_all()) return std::nullopt;
  if (reachable_) return has_bye_ ? std::optional(quiet_since_ + chat::kEndingWait) : std::nullopt;
  if (purpose_ != chat::Purpose::chat) return std::nullopt;
  return was_together_ ? quiet_since_ + chat::kAwayEndingWait : TimePoint();
}

ConversationLoop::Ready ConversationLoop::wait(int input, Output output, std::optional<TimePoint> deadline) {
  const bool watches = output != Output::ignored && !output_gone_;
  // An end that has been seen is not waited for again: it would be there at once, for ever.
  std::array<pollfd, 3> fds{
      {{signals_.fd(), POLLIN, 0},
       {input, POLLIN, 0},
       {watches ? STDOUT_FILENO : -1, static_cast<short>(output == Output::wanted ? POLLOUT : 0), 0}}};
  watch_the_end(Clock::now());
  if (const auto at = tell_of_a_long_goodbye(); at && (!deadline || *at < *deadline)) deadline = at;
  if (const auto at = leaves_at(); at && (!deadline || *at < *deadline)) deadline = at;
  parley::client::wait(engine_, fds, deadline);
  place_.keep(engine_.token());
  // Of those that come together all but the first are let go: the terminal's modes are still to be put right.
  const bool leaving = signal_ != 0;
  while (const auto number = signals_.next()) {
    if (!Signals::ends(*number)) {
      other_signals_.push_back(*number);
      continue;
    }
    if (leaving) end_at(*number);
    if (signal_ != 0) continue;
    signal_ = *number;
    signalled_at_ = Clock::now();
    hurry_readers();
    leave();
  }
  if ((fds[2].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
    output_gone_ = true;
    leave();
  }
  return {fds[1].revents != 0, (fds[2].revents & POLLOUT) != 0 && !output_gone_};
}

bool ConversationLoop::wait_after_the_end(int input, TimePoint deadline) {
  for (;;) {
    std::array<pollfd, 2> fds{{{signals_.fd(), POLLIN, 0}, {input, POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Engine::Clock::now()).count();
    if (left <= 0 || ::poll(fds.data(), fds.size(), static_cast<int>(left)) == 0) return false;
    while (const auto number = signals_.next()) {
      if (Signals::ends(*number)) return false;
    }
    if (fds[1].revents != 0) return true;
  }
}

int ConversationLoop::next_other_signal() {
  if (other_signals_.empty()) return 0;
  const int number = other_signals_.front();
  other_signals_.erase(other_signals_.begin());
  return number;
}

std::optional<SecretText> ConversationLoop::invite() const {
  if (!plan_.made || !engine_.relay_pin()) return std::nullopt;
  chat::Invite invite = *plan_.made;
  if (engine_.reached()->trusted_by != Trust::By::system_authorities) invite.pin = engine_.relay_pin();
  return invite.text();
}

std::optional<SecretText> ConversationLoop::next_invite() {
  auto invite = this->invite();
  if (!invite || std::exchange(invite_shown_, true)) return std::nullopt;
  return invite;
}

const Link* ConversationLoop::next_link() {
  const Link& link = engine_.link();
  const bool untrusted = link.state == Link::State::ended && over() && outcome().pin;
  if (std::exchange(link_seen_, link.changes) == link.changes || untrusted) return nullptr;
  return &link;
}

}  // namespace parley::client

#include "cli-client/meeting/conversation_loop.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "cli-client/base/own_folder.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/base/sudden_end.h"
#include "cli-client/engine/wait.h"
#include "cli-client/net/tls_connection.h"

namespace parley::client {

namespace {

Meeting at_place(Meeting meeting, const KeptPlace& place) {
  meeting.resume = place.token();
  return meeting;
}

}  // namespace

ConversationLoop::ConversationLoop(const Plan& plan, Signals& signals, std::vector<std::string> features)
    : plan_(plan),
      signals_(signals),
      place_(state_folder(), plan.meeting.relay, plan.meeting.room),
      engine_(at_place(plan.meeting, place_), {over_tls(plan.trust)}, plan.patience, {plan.name, std::move(features)},
              Engine::Clock::now()) {}

ConversationLoop::~ConversationLoop() { place_.keep(engine_.token()); }

ConversationLoop::Ready ConversationLoop::wait(int input, Output output, std::optional<TimePoint> deadline) {
  const bool watches = output != Output::ignored && !output_gone_;
  // An end that has been seen is not waited for again: it would be there at once, for ever.
  std::array<pollfd, 3> fds{
      {{signals_.fd(), POLLIN, 0},
       {input, POLLIN, 0},
       {watches ? STDOUT_FILENO : -1, static_cast<short>(output == Output::wanted ? POLLOUT : 0), 0}}};
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

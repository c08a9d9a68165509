#include "transfer_session.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "engine/wait.h"

namespace parley::client {
namespace {

constexpr std::chrono::milliseconds kRedraw{250};  // so that rate and time left stay true when nothing comes

}  // namespace

TransferSession::TransferSession(const Plan& plan, Signals& signals, bool qr, TransferDisplay& display,
                                 const std::string& role)
    : plan_(plan),
      role_(role),
      engine_(plan.meeting, plan.trust, plan.patience, {plan.name, {role}}, Engine::Clock::now()),
      signals_(signals),
      news_(plan, qr),
      display_(display) {}

bool TransferSession::can_send(chat::Type type, std::size_t body_bytes) {
  return failure_.empty() && engine_.conversation().can_send(type, body_bytes);
}

std::uint64_t TransferSession::send(chat::Type type, chat::Bytes body) {
  return engine_.conversation().send(type, std::move(body));
}

std::optional<chat::Event> TransferSession::next_event() {
  while (auto event = engine_.next_event()) {
    if (const auto* paired = std::get_if<chat::Paired>(&*event)) {
      on_paired(*paired);
    } else if (!std::holds_alternative<chat::Typing>(*event)) {
      return event;
    }
  }
  return std::nullopt;
}

void TransferSession::on_paired(const chat::Paired& paired) {
  if (std::find(paired.features.begin(), paired.features.end(), role_) != paired.features.end()) {
    fail(role_ == "send" ? "the other side sends, too; one of you must run parley receive"
                         : "the other side receives, too; one of you must run parley send");
  }
}

bool TransferSession::wait(bool busy, int input) {
  tell();
  std::array<pollfd, 2> fds{{{signals_.fd(), POLLIN, 0}, {input, POLLIN, 0}}};
  const auto now = Engine::Clock::now();
  std::optional<Engine::TimePoint> deadline;
  if (busy) {
    deadline = now;
  } else if (engine_.link().state == Link::State::together && display_.mode() != TransferDisplay::Mode::plain) {
    deadline = now + kRedraw;
  }
  parley::client::wait(engine_, fds, deadline);
  while (const auto number = signals_.next()) {
    if (signal_ != 0) {
      display_.clear();
      ::_exit(128 + *number);
    }
    signal_ = *number;
    engine_.leave(Engine::Clock::now());
  }
  return fds[1].revents != 0;
}

void TransferSession::tell() {
  const Link& link = engine_.link();
  if (link.changes == told_) return;
  told_ = link.changes;
  if (display_.mode() != TransferDisplay::Mode::json) {
    display_.clear();
    return news_.tell(engine_);
  }
  if (plan_.made && engine_.relay_pin() && !std::exchange(invite_shown_, true)) {
    display_.invite(invite_text(plan_, engine_).reveal());
  }
  display_.status(link_label(link.state), link_text(link, Engine::Clock::now()));
}

void TransferSession::fail(std::string reason) {
  if (failure_.empty()) failure_ = std::move(reason);
  engine_.leave(Engine::Clock::now());
}

int TransferSession::end(bool complete, bool failures, const std::string& incomplete) {
  display_.clear();
  const auto finish = [](ExitStatus status, const std::string& text) {
    if (!text.empty()) say(text);
    return static_cast<int>(status);
  };
  const Outcome& outcome = *engine_.outcome();
  if (signal_ != 0) return 128 + signal_;
  if (!failure_.empty()) return finish(ExitStatus::failed, failure_);
  if (complete) return finish(failures ? ExitStatus::failed : ExitStatus::done, "");
  if (outcome.kind == Outcome::Kind::failed) return finish(outcome.status, outcome.text);
  return finish(ExitStatus::failed, incomplete);
}

}  // namespace parley::client

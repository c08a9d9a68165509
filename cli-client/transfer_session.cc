#include "transfer_session.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "news.h"

namespace parley::client {
namespace {

constexpr std::chrono::milliseconds kRedraw{250};  // so that rate and time left stay true when nothing comes

}  // namespace

TransferSession::TransferSession(const Plan& plan, Signals& signals, bool qr, TransferDisplay& display,
                                 const std::string& role)
    : role_(role), loop_(plan, signals, {role}), display_(display), qr_(qr) {}

bool TransferSession::can_send(chat::Type type, std::size_t body_bytes) {
  return failure_.empty() && loop_.conversation().can_send(type, body_bytes);
}

std::uint64_t TransferSession::send(chat::Type type, chat::Bytes body) {
  return loop_.conversation().send(type, std::move(body));
}

std::optional<chat::Event> TransferSession::next_event() {
  while (auto event = loop_.engine().next_event()) {
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
  const bool json = display_.mode() == TransferDisplay::Mode::json;
  std::optional<Engine::TimePoint> deadline;
  if (busy) {
    deadline = Engine::Clock::now();
  } else if (loop_.engine().link().state == Link::State::together && display_.mode() != TransferDisplay::Mode::plain) {
    deadline = Engine::Clock::now() + kRedraw;
  }
  using Output = ConversationLoop::Output;
  const auto ready = loop_.wait(input, json ? Output::watched : Output::ignored, deadline);
  if (loop_.output_gone()) fail("nobody reads standard output any more");
  return ready.input;
}

void TransferSession::tell() {
  if (display_.mode() == TransferDisplay::Mode::json) {
    if (const auto invite = loop_.next_invite()) display_.invite(invite->reveal());
    if (const Link* link = loop_.next_link()) {
      display_.status(link_label(link->state), link_text(*link, Engine::Clock::now()));
    }
  } else {
    if (const auto invite = loop_.next_invite()) {
      display_.clear();
      say_invite(invite->reveal(), qr_);
    }
    if (const Link* link = loop_.next_link()) {
      display_.clear();
      say_link(*link);
    }
  }
}

void TransferSession::fail(std::string reason) {
  if (failure_.empty()) failure_ = std::move(reason);
  loop_.leave();
}

int TransferSession::end(bool complete, bool failures, const std::string& incomplete) {
  display_.clear();
  const auto finish = [](ExitStatus status, const std::string& text) {
    if (!text.empty()) say(text);
    return static_cast<int>(status);
  };
  const Outcome& outcome = loop_.outcome();
  if (loop_.signal() != 0) return 128 + loop_.signal();
  if (!failure_.empty()) return finish(ExitStatus::failed, failure_);
  if (complete) return finish(failures ? ExitStatus::failed : ExitStatus::done, "");
  if (outcome.pin) return static_cast<int>(outcome.status);  // see trust_after_asking()
  if (outcome.kind == Outcome::Kind::failed) return finish(outcome.status, outcome.text);
  return finish(ExitStatus::failed, incomplete);
}

}  // namespace parley::client

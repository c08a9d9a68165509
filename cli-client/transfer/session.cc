#include "cli-client/transfer/session.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "cli-client/base/say.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/meeting/news.h"

namespace parley::client {
namespace {

constexpr std::chrono::milliseconds kRedraw{250};  // so that rate and time left stay true when nothing comes

bool is_apart(Link::State state) {
  using State = Link::State;
  return state == State::connecting || state == State::waiting || state == State::greeting ||
         state == State::reconnecting || state == State::partner_lost;
}

}  // namespace

TransferSession::TransferSession(const Plan& plan, Signals& signals, bool qr, TransferDisplay& display,
                                 const std::string& role)
    : role_(role), loop_(plan, signals, {role}), display_(display), qr_(qr) {}

bool TransferSession::can_send(chat::Type type, std::size_t body_bytes) {
  return failure_.empty() && loop_.conversation().can_send(type, body_bytes);
}

std::uint64_t TransferSession::send(chat::Type type, Bytes body) {
  return loop_.conversation().send(type, std::move(body));
}

void TransferSession::send_comparing(const chat::Comparing& comparing) {
  loop_.conversation().send_comparing(comparing);
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
  met_ = true;
  if (std::find(paired.features.begin(), paired.features.end(), role_) != paired.features.end()) {
    fail(role_ == "send" ? "the other side sends, too; one of you must run parley receive"
                         : "the other side receives, too; one of you must run parley send");
  }
}

// The other side has everything; that it says goodbye too is worth a moment.
std::optional<Engine::TimePoint> TransferSession::goodbye_ends() {
  const auto now = Engine::Clock::now();
  if (!loop_.conversation().bye_acknowledged()) {
    finished_at_.reset();
    return std::nullopt;
  }
  if (!finished_at_) finished_at_ = now;
  const auto ends = *finished_at_ + chat::kEndingWait;
  if (now >= ends) loop_.leave();
  return ends;
}

// The time alone changes what is shown: a rate, or the seconds until the next attempt.
bool TransferSession::redraws() const {
  const Link::State state = loop_.engine().link().state;
  using Mode = TransferDisplay::Mode;
  return (state == Link::State::together && display_.mode() != Mode::plain) ||
         (state == Link::State::reconnecting && display_.mode() == Mode::terminal);
}

bool TransferSession::wait(bool busy, int input, std::optional<Engine::TimePoint> deadline) {
  tell();
  const bool json = display_.mode() == TransferDisplay::Mode::json;
  const auto wake_by = [&deadline](std::optional<Engine::TimePoint> at) {
    if (at && (!deadline || *at < *deadline)) deadline = at;
  };
  if (busy) wake_by(Engine::Clock::now());
  if (redraws()) wake_by(Engine::Clock::now() + kRedraw);
  wake_by(goodbye_ends());
  using Output = ConversationLoop::Output;
  const auto ready = loop_.wait(input, json ? Output::watched : Output::ignored, deadline);
  if (loop_.over()) display_.clear();  // a question whether to trust the relay may follow
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
      say_invite(role_ == "send" ? "receive" : "send FILE...", invite->reveal(), qr_);
    }
    tell_link();
  }
}

// On a terminal the way to each other is one line that changes; who was together once and is again needs no word.
void TransferSession::tell_link() {
  const bool changed = loop_.next_link() != nullptr;
  const Link& link = loop_.engine().link();
  const bool in_place = display_.mode() == TransferDisplay::Mode::terminal && !display_.asks();
  if (in_place && is_apart(link.state)) return display_.draw("parley: " + link_text(link, Engine::Clock::now()));
  if (!changed) return;
  display_.clear();
  const bool again = link.state == Link::State::together && std::exchange(told_together_, true);
  if (!in_place || !again) say_link(link);
}

void TransferSession::fail(std::string reason) {
  if (failure_.empty()) failure_ = std::move(reason);
  loop_.leave();
}

std::string TransferSession::how_to_go_on() const {
  if (!loop_.plan().made) return "start both again to go on";
  // The same command would make another invite.
  const std::string files = role_ == "send" ? "FILE... " : "";
  return "start both again to go on, this one with its invite: parley " + role_ + " " + files + "'parley://...'";
}

int TransferSession::end(bool complete, bool failures) {
  display_.clear();
  const auto finish = [](ExitStatus status, const std::string& text) {
    if (!text.empty()) say(text);
    return static_cast<int>(status);
  };
  const Outcome& outcome = loop_.outcome();
  if (loop_.signal() != 0) {
    if (met_ && !complete) say("interrupted; what has come is kept: " + how_to_go_on());
    return 128 + loop_.signal();
  }
  if (!failure_.empty()) return finish(ExitStatus::failed, failure_);
  if (complete) return finish(failures ? ExitStatus::failed : ExitStatus::done, "");
  if (outcome.pin) return static_cast<int>(outcome.status);  // see trust_after_asking()
  if (outcome.kind == Outcome::Kind::failed) return finish(outcome.status, outcome.text);
  return finish(ExitStatus::failed, std::string("the other side is gone before ") +
                                        (role_ == "send" ? "it had everything" : "everything was here") + ": " +
                                        how_to_go_on());
}

}  // namespace parley::client

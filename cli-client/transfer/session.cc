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
                                 chat::Purpose purpose)
    : sends_(purpose == chat::Purpose::send), loop_(plan, signals, purpose), display_(display), qr_(qr) {}

bool TransferSession::can_send(chat::Type type, std::size_t body_bytes) {
  return loop_.conversation().can_send(type, body_bytes);
}

std::uint64_t TransferSession::send(chat::Type type, Bytes body) {
  return loop_.conversation().send(type, std::move(body));
}

void TransferSession::send_comparing(const chat::Comparing& comparing) {
  loop_.conversation().send_comparing(comparing);
}

std::optional<chat::Event> TransferSession::next_event() {
  while (auto event = loop_.next_event()) {
    if (std::holds_alternative<chat::Paired>(*event)) {
      met_ = true;
    } else if (!std::holds_alternative<chat::Typing>(*event)) {
      return event;
    }
  }
  return std::nullopt;
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
  using Output = ConversationLoop::Output;
  const auto ready = loop_.wait(input, json ? Output::watched : Output::ignored, deadline);
  if (loop_.over()) display_.clear();  // a question whether to trust the relay may follow
  if (loop_.output_gone()) loop_.fail("nobody reads standard output any more");
  return ready.input;
}

void TransferSession::tell() {
  if (display_.mode() == TransferDisplay::Mode::json) {
    if (const auto invite = loop_.next_invite()) display_.invite(invite->reveal());
    if (const Link* link = loop_.next_link()) {
      display_.status(link_label(link->state), link_text(*link, Engine::Clock::now()), reason(*link));
    }
  } else {
    if (const auto invite = loop_.next_invite()) {
      display_.clear();
      say_invite(sends_ ? "receive" : "send FILE...", invite->reveal(), qr_);
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

std::string TransferSession::how_to_go_on() const {
  if (!loop_.plan().made) return "start both again to go on";
  // The same command would make another invite.
  return std::string("start both again to go on, this one with its invite: parley ") +
         (sends_ ? "send FILE..." : "receive") + " 'parley://...'";
}

int TransferSession::end(bool complete, bool failures) {
  using Kind = Outcome::Kind;
  display_.clear();
  const Outcome& outcome = loop_.outcome();
  const auto finish = [this](ExitStatus status, Kind kind, const std::string& text, bool says = true) {
    display_.ended(outcome_label(kind), text);
    if (says) say(text);
    return static_cast<int>(status);
  };
  if (loop_.signal() != 0) {
    display_.ended("interrupted", "ended by a signal");
    if (met_ && !complete) say("interrupted; what has come is kept: " + how_to_go_on());
    return 128 + loop_.signal();
  }
  if (outcome.kind == Kind::failed) {
    return finish(outcome.status, outcome.kind, outcome.text, !outcome.pin);  // else see trust_after_asking()
  }
  const bool good = outcome.kind == Kind::done;
  if (complete && good) {
    return finish(failures ? ExitStatus::failed : ExitStatus::done, Kind::done,
                  failures ? "not everything has arrived" : "everything has arrived", false);
  }
  const auto loss = [&finish](const std::string& text) { return finish(ExitStatus::failed, Kind::partner_gone, text); };
  if (complete) {
    return loss(sends_ ? "all was sent, but the other side was gone before it said that it has everything: look there"
                       : "all is here, but the other side was gone before it knew");
  }
  if (good && sends_) return loss("the other side has left, and takes no more files");
  return loss(std::string("the other side is gone before ") + (sends_ ? "it had everything" : "everything was here") +
              ": " + how_to_go_on());
}

}  // namespace parley::client

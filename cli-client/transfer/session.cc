#include "cli-client/transfer/session.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>
#include <variant>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/meeting/news.h"
#include "cli-client/terminal/screen.h"

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
                                 chat::Purpose purpose, Started started)
    : sends_(purpose == chat::Purpose::send),
      started_(std::move(started)),
      loop_(plan, signals, purpose),
      display_(display),
      qr_(qr) {}

bool TransferSession::can_send(chat::Type type, std::size_t body_bytes) {
  return loop_.conversation().can_send(type, body_bytes);
}

std::uint64_t TransferSession::send(chat::Type type, Bytes body) {
  return loop_.conversation().send(type, std::move(body));
}

void TransferSession::send_comparing(const chat::Comparing& comparing) {
  loop_.conversation().send_comparing(comparing);
}

bool TransferSession::tells_stored() const { return loop_.engine().conversation().tells_stored(); }

void TransferSession::stored(chat::MessageId id) { loop_.conversation().stored(id); }

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

// The time alone changes what is shown: a rate, for how long nothing has come, or the seconds until the next attempt.
bool TransferSession::redraws() const {
  const Link::State state = loop_.engine().link().state;
  return state == Link::State::together ||
         (state == Link::State::reconnecting && display_.mode() == TransferDisplay::Mode::terminal);
}

// Enter connects at once, where somebody sees that: not in the background, whose input is another program's.
bool TransferSession::may_be_hurried() const {
  return display_.mode() == TransferDisplay::Mode::terminal && !display_.asks() && !input_ended_ &&
         loop_.engine().link().state == Link::State::reconnecting && user_can_be_asked() &&
         ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

void TransferSession::hurry() {
  char line[256];
  const ssize_t count = ::read(STDIN_FILENO, line, sizeof line);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) {
    input_ended_ = true;
    return;
  }
  display_.line_was_ended();
  loop_.engine().connect_now(Engine::Clock::now());
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
  const bool hurries = input == -1 && may_be_hurried();
  const auto ready = loop_.wait(hurries ? STDIN_FILENO : input, json ? Output::watched : Output::ignored, deadline);
  if (loop_.over()) display_.clear();  // a question whether to trust the relay may follow
  if (loop_.output_gone()) loop_.fail("nobody reads standard output any more");
  obey_signals();
  if (hurries && ready.input) hurry();
  return ready.input && !hurries;
}

void TransferSession::obey_signals() {
  while (const int number = loop_.next_other_signal()) {
    const auto now = Engine::Clock::now();
    if (number == SIGUSR1 && !display_.report(now)) display_.say(link_text(loop_.engine().link(), now));
    if (number == SIGWINCH) display_.resized();
  }
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
  const auto now = Engine::Clock::now();
  const bool in_place = display_.mode() == TransferDisplay::Mode::terminal && !display_.asks();
  if (is_apart(link.state)) {
    display_.apart(brief_link_text(link, now) + (may_be_hurried() ? " · Enter: now" : ""), reason(link), now);
    if (in_place) return;
  }
  if (!changed) return;
  display_.clear();
  const bool again = link.state == Link::State::together && std::exchange(told_together_, true);
  if (!in_place || !again) say_link(link);
}

// The command as it was typed, with the invite: the same command without one would make another. An invite that was
// typed is shown where it was typed, and is kept out of files; a new one has been shown already.
std::string TransferSession::how_to_go_on() const {
  std::string text = "start both again to go on, this one by: " + started_.command;
  if (const auto made = loop_.invite()) return text + " '" + std::string(made->reveal()) + "'";
  if (!started_.given) return text;
  const std::string given = escape(started_.given->reveal());
  const bool is_bare = given.find_first_of(" '") == std::string::npos;
  return text + " '" + (is_bare && Screen(STDERR_FILENO).is_terminal() ? given : "parley://...") + "'";
}

int TransferSession::end(bool complete, bool failures) {
  using OutcomeKind = Outcome::Kind;
  display_.clear();
  const Outcome& outcome = loop_.outcome();
  const auto finish = [this](ExitStatus status, OutcomeKind kind, const std::string& text, bool says = true) {
    display_.ended(outcome_label(kind), text);
    if (says) say(text);
    return static_cast<int>(status);
  };
  if (loop_.signal() != 0) {
    display_.ended("interrupted", "ended by a signal");
    if (met_ && !complete) say("interrupted; what has come is kept: " + how_to_go_on());
    return 128 + loop_.signal();
  }
  if (outcome.kind == OutcomeKind::failed) {
    return finish(outcome.status, outcome.kind, outcome.text, !outcome.pin);  // else see trust_after_asking()
  }
  const bool good = outcome.kind == OutcomeKind::done;
  if (complete && good) {
    return finish(failures ? ExitStatus::failed : ExitStatus::done, OutcomeKind::done,
                  failures ? "not everything has arrived" : "everything has arrived", false);
  }
  const auto loss = [&finish](const std::string& text) {
    return finish(ExitStatus::failed, OutcomeKind::partner_gone, text);
  };
  if (complete) {
    return loss(sends_ ? "all was sent, but the other side was gone before it said that it has everything: look there"
                       : "all is here, but the other side was gone before it knew");
  }
  if (good && sends_) return loss("the other side has left, and takes no more files");
  return loss(std::string("the other side is gone before ") + (sends_ ? "it had everything" : "everything was here") +
              ": " + how_to_go_on());
}

}  // namespace parley::client

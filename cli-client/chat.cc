#include "chat.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "chat/utf8.h"
#include "classic/split.h"
#include "clock.h"
#include "engine/wait.h"
#include "escape.h"

namespace parley::client {
namespace {

constexpr std::chrono::seconds kTypingEvery{3};

std::string valid_utf8(std::string_view text) { return chat::is_utf8(text) ? std::string(text) : escape(text); }

}  // namespace

std::string name_or(const std::string& name, const char* otherwise) { return name.empty() ? otherwise : escape(name); }

bool Chat::step(int input, std::optional<TimePoint> deadline) {
  take_events();
  watch_the_end();
  if (over()) return false;
  if (finished_at_ && (!deadline || *finished_at_ + chat::kEndingWait < *deadline)) {
    deadline = *finished_at_ + chat::kEndingWait;
  }
  // Of standard output only its end: the reader of a pipe, or the terminal, is gone.
  std::array<pollfd, 3> fds{{{signals_.fd(), POLLIN, 0}, {input, POLLIN, 0}, {STDOUT_FILENO, 0, 0}}};
  wait(engine_, fds, deadline);
  while (const auto number = signals_.next()) {
    if (*number != SIGINT && *number != SIGTERM && *number != SIGHUP) {
      view_.signal(*number);
      continue;
    }
    if (signal_ != 0) ::_exit(128 + *number);
    signal_ = *number;
    leave();
  }
  if ((fds[2].revents & (POLLERR | POLLHUP)) != 0 && !view_closed_) {
    view_closed_ = true;
    leave();
  }
  take_events();
  return fds[1].revents != 0;
}

void Chat::take_events() {
  show_invite();
  while (auto event = engine_.next_event()) {
    if (const auto* message = std::get_if<chat::Message>(&*event)) {
      take(*message);
    } else if (const auto* paired = std::get_if<chat::Paired>(&*event)) {
      partner_ = paired->name;
      last_event_ = Clock::now();
      if (!partner_seen_) view_.came(partner_);
      partner_seen_ = true;
    } else if (const auto* restarted = std::get_if<chat::Restarted>(&*event)) {
      view_.note(name_or(partner_, "the other side") + " was started anew");
      for (const auto& record : restarted->uncertain) {
        if (record.type == chat::Type::text) view_.uncertain(chat::as_text(record.body));
      }
      sent_ -= acknowledged_ + std::min<std::uint64_t>(restarted->uncertain.size(), sent_ - acknowledged_);
      acknowledged_ = 0;
      partner_seen_ = false;
    } else if (const auto* acknowledged = std::get_if<chat::Acknowledged>(&*event)) {
      acknowledged_ = std::min(acknowledged->sequence, sent_);
      if (unsettled() == 0) last_event_ = Clock::now();
      view_.acknowledged(acknowledged_);
    } else if (std::holds_alternative<chat::Typing>(*event)) {
      view_.typing(partner_);
    } else if (const auto* renamed = std::get_if<chat::Renamed>(&*event)) {
      view_.note(name_or(partner_, "the other side") + " is now " + name_or(renamed->name, "without a name"));
      partner_ = renamed->name;
    }
  }
  if (engine_.link().changes != link_seen_) {
    link_seen_ = engine_.link().changes;
    view_.link(engine_.link());
  }
}

void Chat::take(const chat::Message& message) {
  const TimePoint now = Clock::now();
  if (message.type == chat::Type::text) {
    if (!view_closed_ && !view_.text(partner_, chat::as_text(message.body))) {
      view_closed_ = true;
      leave();
    }
    // What could not be shown is not acknowledged.
    if (view_closed_) return;
    last_heard_ = last_event_ = now;
  } else if (message.type == chat::Type::bye) {
    // As a rule who is left leaves too; then that one's goodbye is no news.
    if (!finishing()) {
      other_left_ = true;
      view_.left(partner_);
      engine_.conversation().finish();
    }
  } else if (message.type == chat::Type::offer) {
    if (const auto offer = chat::decode_offer(message.body)) {
      chat::Bytes answer =
          chat::encode(chat::Answer{offer->file, false, 0, {}, "this is a chat, which takes no files"});
      if (engine_.conversation().can_send(chat::Type::answer, answer.size())) {
        engine_.conversation().send(chat::Type::answer, std::move(answer));
        ++sent_;
      }
      view_.note("the other side wants to send " + escape(offer->name) + "; run parley receive for that");
    }
  } else {
    view_.note("the other side does not run parley chat; both must run the same command");
    leave();
    return;
  }
  engine_.taken(message.id, now);
}

void Chat::show_invite() {
  if (invite_shown_ || !plan_.made || !engine_.relay_pin()) return;
  invite_shown_ = true;
  view_.invite(invite_text(plan_, engine_).reveal());
}

bool Chat::can_send() const {
  return !other_left_ && engine_.conversation().can_send(chat::Type::text, chat::kMaxBodyBytes);
}

void Chat::send(std::string_view text) {
  std::string valid = valid_utf8(text);
  auto rest = chat::as_bytes(valid);
  do {
    while (!can_send() && !over() && !other_left_ && !finishing()) step(-1);
    if (!can_send()) break;
    const std::size_t piece =
        rest.size() <= chat::kMaxBodyBytes ? rest.size() : classic::next_piece(rest, chat::kMaxBodyBytes);
    engine_.conversation().send(chat::Type::text, chat::Bytes(rest.begin(), rest.begin() + std::ptrdiff_t(piece)));
    ++sent_;
    rest = rest.subspan(piece);
  } while (!rest.empty());
  spoke_ = true;
  last_typing_.reset();
  chat::wipe(std::span(valid));
}

void Chat::typing() {
  const TimePoint now = Clock::now();
  if (last_typing_ && now < *last_typing_ + kTypingEvery) return;
  last_typing_ = now;
  engine_.conversation().send_typing();
}

void Chat::rename(std::string name) { engine_.conversation().rename(std::move(name)); }

void Chat::finish() {
  engine_.conversation().finish();
  watch_the_end();
}

void Chat::watch_the_end() {
  if (!finishing() || over()) return;
  const chat::Conversation& conversation = engine_.conversation();
  const bool only_bye = conversation.unacknowledged_bytes() <= chat::kHeaderBytes;
  const bool reachable = engine_.link().state == Link::State::together;
  if (conversation.bye_acknowledged() && !finished_at_) finished_at_ = Clock::now();
  // The other side has everything; that it says goodbye too is worth a moment.
  const bool waited = finished_at_ && Clock::now() >= *finished_at_ + chat::kEndingWait;
  if ((only_bye && !reachable) || waited) leave();
}

std::string Chat::who() const {
  const Link& link = engine_.link();
  std::string text = "with " + name_or(partner_, "somebody who has not told a name");
  if (!partner_seen_) text = "nobody has come yet";
  text += "; " + link_text(link, Clock::now()) + "; by the relay " + plan_.meeting.relay.text();
  if (!engine_.session().empty()) text += ", session " + escape(engine_.session());
  text += plan_.meeting.key ? "; nobody but you two can read this" : "; the relay's operator can read this";
  return text;
}

}  // namespace parley::client

#include "cli-client/chat/chat.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/utf8.h"
#include "cli-client/base/clock.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/login_name.h"
#include "cli-client/base/shown_name.h"
#include "protocol/classic/split.h"

namespace parley::client {
namespace {

constexpr std::chrono::seconds kTypingEvery{3};

std::string valid_utf8(std::string_view text) { return is_utf8(text) ? std::string(text) : escape(text); }

}  // namespace

std::string name_or(const std::string& name, const char* otherwise) {
  return name.empty() ? otherwise : shown_name(name);
}

bool Chat::step(int input, std::optional<TimePoint> deadline) {
  take_events();
  watch_the_end();
  if (over()) return false;
  if (const auto at = files_.deadline(); at && (!deadline || *at < *deadline)) deadline = at;
  if (files_.busy()) deadline = Clock::now();
  const auto ready = loop_.wait(input, ConversationLoop::Output::watched, deadline);
  while (const int number = loop_.next_other_signal()) {
    number == SIGUSR1 ? tell_how_far() : view_.signal(number);
  }
  take_events();
  return ready.input;
}

void Chat::tell_how_far() {
  const std::string files = files_.report();
  view_.note(files.empty() ? link_text(loop_.engine().link(), Clock::now()) : files);
}

void Chat::take_events() {
  if (const auto invite = loop_.next_invite()) view_.invite(invite->reveal());
  while (auto event = loop_.next_event()) {
    if (const auto* message = std::get_if<chat::Message>(&*event)) {
      if (take(*message)) acknowledgements_.add(message->id, files_.to_be_stored());
    } else if (const auto* paired = std::get_if<chat::Paired>(&*event)) {
      partner_ = paired->name;
      last_event_ = Clock::now();
      if (!partner_seen_) view_.came(partner_);
      partner_seen_ = true;
    } else if (const auto* restarted = std::get_if<chat::Restarted>(&*event)) {
      take(*restarted);
      acknowledgements_.clear();
    } else if (const auto* acknowledged = std::get_if<chat::Acknowledged>(&*event)) {
      take(*acknowledged);
    } else if (std::holds_alternative<chat::Typing>(*event)) {
      view_.typing(partner_);
    } else if (const auto* comparing = std::get_if<chat::Comparing>(&*event)) {
      files_.take(*comparing);
    } else if (const auto* renamed = std::get_if<chat::Renamed>(&*event)) {
      view_.note(name_or(partner_, "the other side") + " is now " + name_or(renamed->name, "without a name"));
      partner_ = renamed->name;
    }
  }
  files_.pump();
  if (files_.active()) last_event_ = Clock::now();
  if (const auto id = acknowledgements_.take(files_.stored())) loop_.taken(*id);
  if (over() && !std::exchange(ended_, true)) {
    files_.end();
    show_unacknowledged();
  }
  if (const Link* link = loop_.next_link()) view_.link(*link);
}

// Nothing more will come of these; who wrote them may find another way.
void Chat::show_unacknowledged() {
  for (const auto& record : loop_.conversation().unacknowledged()) {
    if (record.type == chat::Type::text) view_.uncertain(as_text(record.body));
  }
}

void Chat::take(const chat::Restarted& restarted) {
  view_.note(name_or(partner_, "the other side") + " was started anew");
  std::size_t uncertain = 0;
  for (const auto& record : restarted.uncertain) {
    if (record.type != chat::Type::text) continue;
    ++uncertain;
    view_.uncertain(as_text(record.body));
  }
  // Those never written come first in the new conversation, and nothing of files with them.
  std::deque<std::uint64_t> kept;
  for (std::size_t i = uncertain; i < unacknowledged_.size(); ++i) kept.push_back(kept.size() + 1);
  unacknowledged_ = std::move(kept);
  acknowledged_ = 0;
  partner_seen_ = said_bye_ = false;
  files_.restart();
}

void Chat::take(const chat::Acknowledged& acknowledged) {
  files_.take(acknowledged);
  const std::uint64_t before = acknowledged_;
  for (; !unacknowledged_.empty() && unacknowledged_.front() <= acknowledged.sequence; ++acknowledged_) {
    unacknowledged_.pop_front();
  }
  if (acknowledged_ == before) return;
  if (unacknowledged_.empty()) last_event_ = Clock::now();
  view_.acknowledged(acknowledged_);
}

// False when it could not be shown: what was not is not acknowledged.
bool Chat::take(const chat::Message& message) {
  if (view_closed()) return false;
  if (message.type == chat::Type::text) {
    if (!view_.text(partner_, as_text(message.body))) {
      view_closed_ = true;
      loop_.leave();
      return false;
    }
    last_heard_ = last_event_ = Clock::now();
  } else if (message.type == chat::Type::bye) {
    // As a rule who is left leaves too; then that one's goodbye is no news.
    if (!finishing_) {
      other_left_ = true;
      view_.left(partner_);
    }
    finishing_ = said_bye_ = true;
  } else if (chat::is_of_file(message.type)) {
    if (const auto error = files_.take(message)) {
      loop_.fail("the other side does not keep to chat/1 (" + error.message() + "); the conversation was given up");
      return false;
    }
  } else {
    loop_.fail_for(message);
    return false;
  }
  return true;
}

bool Chat::can_send() const {
  return !finishing_ && loop_.conversation().can_send(chat::Type::text, chat::kMaxBodyBytes);
}

void Chat::send(std::string_view text) {
  std::string valid = valid_utf8(text);
  auto rest = as_bytes(valid);
  do {
    while (!can_send() && !over() && !finishing_) step(-1);
    if (!can_send()) break;
    const std::size_t piece =
        rest.size() <= chat::kMaxBodyBytes ? rest.size() : classic::next_piece(rest, chat::kMaxBodyBytes);
    unacknowledged_.push_back(
        loop_.conversation().send(chat::Type::text, Bytes(rest.begin(), rest.begin() + std::ptrdiff_t(piece))));
    rest = rest.subspan(piece);
  } while (!rest.empty());
  spoke_ = true;
  last_typing_.reset();
  wipe(std::span(valid));
}

void Chat::typing() {
  const TimePoint now = Clock::now();
  if (last_typing_ && now < *last_typing_ + kTypingEvery) return;
  last_typing_ = now;
  loop_.conversation().send_typing();
}

void Chat::rename(std::string name) { loop_.conversation().rename(name == kNoName ? "" : std::move(name)); }

void Chat::finish() {
  finishing_ = true;
  watch_the_end();
}

void Chat::watch_the_end() {
  if (!finishing_ || over() || loop_.conversation().finishing()) return;
  // Files that the other side has taken get there first.
  if ((files_.sending() && !said_bye_) || files_.answering()) return;
  loop_.conversation().finish();
}

std::string Chat::who() const {
  const Link& link = loop_.engine().link();
  std::string text = "with " + name_or(partner_, "somebody who has not told a name");
  if (!partner_seen_) text = "nobody has come yet";
  text += "; " + link_text(link, Clock::now()) + "; by the relay " + loop_.plan().meeting.relay.text();
  if (!loop_.engine().session().empty()) text += ", session " + escape(loop_.engine().session());
  text += loop_.plan().meeting.key ? "; nobody but you two can read this" : "; the relay's operator can read this";
  return text;
}

}  // namespace parley::client

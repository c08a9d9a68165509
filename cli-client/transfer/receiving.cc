#include "cli-client/transfer/receiving.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/trim.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/files/quantity.h"
#include "cli-client/terminal/answer.h"
#include "cli-client/transfer/offer_text.h"

namespace parley::client {

Receiving::Receiving(Intake intake, TransferSession& session, TransferDisplay& display)
    : intake_(std::move(intake)),
      folder_(intake_.folder),
      receiver_(std::nullopt, intake_.if_exists),
      session_(session),
      display_(display) {}

void Receiving::run() {
  while (!session_.loop().over()) {
    take_events();
    session_.tell();
    show();
    const bool asking = ask();
    if (session_.wait(receiver_.busy(), asking ? STDIN_FILENO : -1, receiver_.deadline())) read_decision();
  }
  take_events();
  receiver_.end();
  show();
}

int Receiving::finish() {
  const bool complete = said_bye_ && !receiver_.unfinished();
  const TransferProgress& progress = receiver_.progress();
  const std::uint64_t settled = progress.files_done + progress.files_failed;
  const bool left_out = complete && settled < progress.files_total;
  if (left_out) {
    display_.say("the other side left out " + count_text(progress.files_total - settled, "file", "files") +
                 " of those it had announced");
  }
  if (declined_ && complete) say("you did not want what was offered");
  const int status = session_.end(complete, failed_ || left_out || declined_);
  return display_.summary(progress, status, Engine::Clock::now(), " into " + escape(intake_.path));
}

void Receiving::take_events() {
  while (const auto event = session_.next_event()) {
    if (const auto* message = std::get_if<chat::Message>(&*event)) {
      if (take(*message)) acknowledgements_.add(message->id, receiver_.to_be_stored());
    } else if (std::holds_alternative<chat::Restarted>(*event)) {
      receiver_.restart();
      restarted_ = true;
      told_offer_.reset();
      declined_ = failed_ = false;
      said_bye_ = false;
      acknowledgements_.clear();
    }
  }
  hear_offers();
  receiver_.pump(session_, Engine::Clock::now());
  // Behind the last answer: which files came right after all is known then.
  if (said_bye_ && !receiver_.has_answers()) session_.loop().conversation().finish();
  if (const auto id = acknowledgements_.take(receiver_.stored())) session_.loop().taken(*id);
}

// False when it is not to be acknowledged.
bool Receiving::take(const chat::Message& message) {
  if (!said_bye_ && message.type == chat::Type::bye) {
    said_bye_ = true;
  } else if (chat::is_of_file(message.type) && message.type != chat::Type::answer) {
    if (const auto error = receiver_.take(message.type, message.id, message.body)) {
      session_.loop().fail("the other side made no sense: " + error.message());
      return false;
    }
  } else {
    session_.loop().fail_for(message);
    return false;
  }
  return true;
}

void Receiving::show() {
  while (const auto event = receiver_.next_event()) {
    failed_ = failed_ || event->kind == FileEvent::Kind::failed;
    display_.show(*event);
  }
  if (session_.loop().engine().link().state == Link::State::together) {
    display_.progress(receiver_.progress(), receiver_.current(), receiver_.activity(), Engine::Clock::now());
  }
}

// Says what comes, and takes what needs no question.
void Receiving::hear_offers() {
  while (const OfferGroups::Group* offered = receiver_.offered()) {
    const bool is_new = std::exchange(told_offer_, offered->number) != offered->number;
    const bool comes_back = restarted_ && offered->files <= wanted_files_ && offered->bytes <= wanted_bytes_;
    const bool asks = intake_.asks && !takes_all_ && !comes_back;
    if (is_new && display_.mode() == TransferDisplay::Mode::json) display_.offered(*offered);
    if (is_new && !asks && display_.mode() != TransferDisplay::Mode::json) {
      display_.say(what_comes(*offered));
    }
    if (asks) return;
    receiver_.accept(folder_);
  }
}

std::string Receiving::what_comes(const OfferGroups::Group& group) const {
  const std::string& partner = session_.loop().engine().link().partner;
  const std::string left_out = left_out_text(group.left_out);
  return (partner.empty() ? "the other side" : partner) + " sends " + offer_text(group) + ", to go into " +
         escape(intake_.path) + (left_out.empty() ? "" : "; " + left_out);
}

// True while an answer is waited for.
bool Receiving::ask() {
  if (const OfferGroups::Group* offered = receiver_.offered()) {
    // Who sends file after file without saying how many is not to be asked for each.
    const std::string more = offered->number == 0 ? "" : ", \"yes all\" for whatever comes";
    std::string question = what_comes(*offered) + ".\n";
    if (!offered->hidden.empty()) {
      question += escape(offered->hidden) +
                  " begins with a dot, which hides it; \"keep\" takes it by that name, yes as " +
                  escape(received_name(offered->hidden, false).value_or("")) + ".\n";
    }
    ask(kFirstGroup + offered->number,
        question + "Take it? [Y/n" + (offered->hidden.empty() ? "" : "/keep") + more + "] ");
    return true;
  }
  const auto question = receiver_.question();
  if (!question) {
    display_.answered();
    return false;
  }
  std::string there = " is here already, and no file; it is not what comes";
  if (question->occupant.kind == Occupant::Kind::file) {
    there = " is here already (" + size_text(question->occupant.size) + "), and different from what comes";
  } else if (question->occupant.kind == Occupant::Kind::nothing) {
    there = " comes already, and another one of the same name as well";
  }
  ask(question->file, escape(question->name) + there + " (" + size_text(question->size) +
                          ").\nSkip it, overwrite, or rename what comes? \"skip all\" and so on: all such. ");
  return true;
}

void Receiving::ask(std::uint64_t number, const std::string& question) {
  if (display_.asks() && asked_ == number) return;
  asked_ = number;
  // What was typed before it is no answer to it.
  ::tcflush(STDIN_FILENO, TCIFLUSH);
  display_.ask(question);
}

// A line from the terminal. Its end is a no to all.
void Receiving::read_decision() {
  char line[256] = "";
  const ssize_t count = ::read(STDIN_FILENO, line, sizeof line);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  display_.answered();  // asked again, if it was none of them
  const std::string_view typed(line, count > 0 ? static_cast<std::size_t>(count) : 0);
  if (asked_ >= kFirstGroup) {
    decide_about_offer(typed.empty() ? "no" : typed);
  } else {
    decide_about_name(typed.empty() ? "skip all" : typed);
  }
}

void Receiving::decide_about_offer(std::string_view typed) {
  const OfferGroups::Group* offered = receiver_.offered();
  if (offered == nullptr || kFirstGroup + offered->number != asked_) return;  // it is not offered any more
  const auto answer = read_answer(trim(typed).empty() ? "yes" : typed, {"yes", "no", "keep"});
  if (!answer || (answer->word == 2 && offered->hidden.empty())) return;
  if (answer->word == 1) {
    declined_ = true;
    return receiver_.decline(kDeclined);
  }
  takes_all_ = answer->all;
  wanted_files_ += offered->files;
  wanted_bytes_ += offered->bytes;
  if (answer->word == 2) folder_ = std::make_shared<const TargetFolder>(folder_->with_own_names());
  receiver_.accept(folder_);
}

void Receiving::decide_about_name(std::string_view typed) {
  constexpr IfExists kChoices[] = {IfExists::refuse, IfExists::overwrite, IfExists::rename};
  if (const auto answer = read_answer(typed, {"skip", "overwrite", "rename"})) {
    receiver_.decide(static_cast<std::uint32_t>(asked_), kChoices[answer->word], answer->all);
  }
}

}  // namespace parley::client

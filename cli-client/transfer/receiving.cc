#include "cli-client/transfer/receiving.h"

#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/files/quantity.h"
#include "cli-client/terminal/answer.h"

namespace parley::client {

Receiving::Receiving(TargetFolder folder, IfExists if_exists, TransferSession& session, TransferDisplay& display)
    : receiver_(std::move(folder), if_exists), session_(session), display_(display) {}

void Receiving::run() {
  while (!session_.loop().over()) {
    take_events();
    session_.tell();
    show();
    const bool asking = ask();
    if (session_.wait(receiver_.busy(), asking ? STDIN_FILENO : -1, receiver_.deadline())) read_decision();
  }
  take_events();
  show();
}

int Receiving::finish() {
  const bool complete = said_bye_ && !receiver_.unfinished();
  const TransferProgress& progress = receiver_.progress();
  const std::uint64_t settled = progress.files_done + progress.files_failed;
  const bool left_out = complete && settled < progress.files_total;
  if (left_out) {
    display_.clear();
    say("the other side left out " + count_text(progress.files_total - settled, "file", "files") +
        " of those it had announced");
  }
  const int status = session_.end(complete, failed_ || left_out);
  return display_.summary(progress, status, Engine::Clock::now());
}

void Receiving::take_events() {
  while (const auto event = session_.next_event()) {
    if (const auto* message = std::get_if<chat::Message>(&*event)) {
      take(*message);
      acknowledgements_.add(message->id, receiver_.finished());
    } else if (std::holds_alternative<chat::Restarted>(*event)) {
      receiver_.restart();
      failed_ = false;
      said_bye_ = false;
      acknowledgements_.clear();
    }
  }
  receiver_.pump(session_, Engine::Clock::now());
  // Behind the last answer: which files came right after all is known then.
  if (said_bye_ && !receiver_.has_answers()) session_.loop().conversation().finish();
  if (const auto id = acknowledgements_.take(receiver_.stored())) session_.loop().taken(*id);
}

void Receiving::take(const chat::Message& message) {
  if (!said_bye_ && message.type == chat::Type::bye) {
    said_bye_ = true;
  } else if (chat::is_of_file(message.type) && message.type != chat::Type::answer) {
    if (const auto error = receiver_.take(message.type, message.body)) {
      session_.fail("the other side made no sense: " + error.message());
    }
  } else {
    session_.fail("the other side does not run parley send");
  }
}

void Receiving::show() {
  while (const auto event = receiver_.next_event()) {
    failed_ = failed_ || event->kind == FileEvent::Kind::failed;
    display_.show(*event);
  }
  if (session_.loop().engine().link().state == Link::State::together && !display_.asks()) {
    display_.progress(receiver_.progress(), receiver_.current(), Engine::Clock::now());
  }
}

// True while an answer is waited for.
bool Receiving::ask() {
  const auto question = receiver_.question();
  if (!question) {
    display_.answered();
    return false;
  }
  if (display_.asks() && asked_ == question->file) return true;
  asked_ = question->file;
  const std::string there = question->occupant.kind == Occupant::Kind::file
                                ? " is here already (" + size_text(question->occupant.size) + "), and different from"
                                : " is here already, and no file; it is not";
  display_.ask(escape(question->name) + there + " what comes (" + size_text(question->size) +
               ").\nSkip it, overwrite, or rename what comes? \"skip all\" and so on: all such. ");
  return true;
}

// A line from the terminal. Its end skips all.
void Receiving::read_decision() {
  char line[256] = "";
  const ssize_t count = ::read(STDIN_FILENO, line, sizeof line);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  display_.answered();  // asked again, if it was none of them
  constexpr IfExists kChoices[] = {IfExists::refuse, IfExists::overwrite, IfExists::rename};
  const std::string_view typed = count > 0 ? std::string_view(line, static_cast<std::size_t>(count)) : "skip all";
  if (const auto answer = read_answer(typed, {"skip", "overwrite", "rename"})) {
    receiver_.decide(asked_, kChoices[answer->word], answer->all);
  }
}

}  // namespace parley::client

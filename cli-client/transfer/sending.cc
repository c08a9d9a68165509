#include "cli-client/transfer/sending.h"

#include <variant>

namespace parley::client {

Sending::Sending(const SourceTree& tree, bool with_times, TransferSession& session, TransferDisplay& display)
    : sender_(with_times), session_(session), display_(display) {
  sender_.add(tree);
}

void Sending::run() {
  while (!session_.loop().over()) {
    take_events();
    sender_.pump(session_);
    // What it has left unanswered it does not take.
    if ((sender_.finished() || (other_left_ && sender_.awaits_answers())) && !finishing_) {
      finishing_ = true;
      session_.loop().conversation().finish();
    }
    session_.tell();
    show();
    session_.wait(sender_.busy());
  }
  take_events();
  show();
}

int Sending::finish() {
  const TransferProgress& progress = sender_.progress();
  const int status = session_.end(sender_.finished(), failed_);
  const std::string& partner = session_.loop().engine().link().partner;
  return display_.summary(progress, status, Engine::Clock::now(), partner.empty() ? "" : " to " + partner);
}

void Sending::take_events() {
  while (const auto event = session_.next_event()) {
    if (const auto* message = std::get_if<chat::Message>(&*event)) {
      take(*message);
    } else if (const auto* acknowledged = std::get_if<chat::Acknowledged>(&*event)) {
      sender_.take(*acknowledged);
    } else if (const auto* comparing = std::get_if<chat::Comparing>(&*event)) {
      sender_.take(*comparing);
    } else {
      sender_.restart();
      other_left_ = false;
    }
  }
}

void Sending::take(const chat::Message& message) {
  if (message.type == chat::Type::answer) {
    if (const auto error = sender_.take(message.body))
      return session_.loop().fail("the other side made no sense: " + error.message());
  } else if (message.type == chat::Type::bye) {
    other_left_ = true;
  } else if (message.type == chat::Type::text) {
    display_.said(session_.loop().engine().link().partner, as_text(message.body));  // it runs parley chat
  } else {
    return session_.loop().fail_for(message);
  }
  session_.loop().taken(message.id);
}

void Sending::show() {
  while (const auto event = sender_.next_event()) {
    failed_ = failed_ || event->kind == FileEvent::Kind::failed;
    display_.show(*event);
  }
  if (session_.loop().engine().link().state == Link::State::together) {
    display_.progress(sender_.progress(), sender_.current(), sender_.activity(), Engine::Clock::now());
  }
}

}  // namespace parley::client

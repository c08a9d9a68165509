#include "cli-client/engine/inbox.h"

#include <utility>
#include <variant>

namespace parley::client {
namespace {

// Of what came and was not taken, with what it costs to hold it. A partner that keeps to chat/1 never gets there: it
// waits at 1 MiB, and 4 of CHUNKs; in records of one byte and 12 for the header that MiB holds eleven times as much
// here.
constexpr std::size_t kMaxHeldBytes = std::size_t{16} * 1024 * 1024;
// Of those that need no taking.
constexpr std::size_t kMaxOthers = 4096;
constexpr std::size_t kHeapCost = 32;  // of a body: the heap's own, and what it rounds up to

}  // namespace

void Inbox::put(chat::Event event) {
  if (const auto* message = std::get_if<chat::Message>(&event)) {
    held_.push_back({message->id, sizeof(chat::Event) + sizeof(Held) + kHeapCost + message->body.capacity()});
    held_bytes_ += held_.back().cost;
  } else if (overrules_the_last(event)) {
    events_.back() = std::move(event);
    ++count_;
    return;
  } else {
    ++others_;
  }
  events_.push_back(std::move(event));
  ++count_;
}

bool Inbox::overrules_the_last(const chat::Event& event) const {
  const bool can = std::holds_alternative<chat::Acknowledged>(event) || std::holds_alternative<chat::Renamed>(event) ||
                   std::holds_alternative<chat::Typing>(event);
  return can && !events_.empty() && events_.back().index() == event.index();
}

std::optional<chat::Event> Inbox::next() {
  if (events_.empty()) return std::nullopt;
  std::optional<chat::Event> event(std::move(events_.front()));
  events_.pop_front();
  if (!std::holds_alternative<chat::Message>(*event)) --others_;
  // What came of a conversation that is no more needs no taking.
  if (std::holds_alternative<chat::Restarted>(*event)) {
    ++restarts_;
    while (!held_.empty() && held_.front().id.restarts < restarts_) drop_front();
  }
  return event;
}

void Inbox::taken(chat::MessageId id) {
  const auto covered = [id](chat::MessageId other) {
    return other.restarts < id.restarts || (other.restarts == id.restarts && other.sequence <= id.sequence);
  };
  while (!held_.empty() && covered(held_.front().id)) drop_front();
}

bool Inbox::full() const { return held_bytes_ > kMaxHeldBytes || others_ > kMaxOthers; }

void Inbox::drop_front() {
  held_bytes_ -= held_.front().cost;
  held_.pop_front();
}

}  // namespace parley::client

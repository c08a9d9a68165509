#include "cli-client/engine/inbox.h"

#include <utility>
#include <variant>

namespace parley::client {
namespace {

// Of what came and was not taken. A partner that keeps to chat/1 never gets there: it waits at 1 MiB, and 4 of CHUNKs.
constexpr std::size_t kMaxHeldBytes = std::size_t{6} * 1024 * 1024;
// Some are not taken at all (TYPING, NAME), and none is too small to count.
constexpr std::size_t kMaxEvents = std::size_t{1} << 17;

}  // namespace

void Inbox::put(chat::Event event) {
  if (const auto* message = std::get_if<chat::Message>(&event)) {
    held_.push_back({message->id, chat::kHeaderBytes + message->body.size()});
    held_bytes_ += held_.back().cost;
  }
  events_.push_back(std::move(event));
  ++count_;
}

std::optional<chat::Event> Inbox::next() {
  if (events_.empty()) return std::nullopt;
  std::optional<chat::Event> event(std::move(events_.front()));
  events_.pop_front();
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

bool Inbox::full() const { return held_bytes_ > kMaxHeldBytes || events_.size() > kMaxEvents; }

void Inbox::drop_front() {
  held_bytes_ -= held_.front().cost;
  held_.pop_front();
}

}  // namespace parley::client

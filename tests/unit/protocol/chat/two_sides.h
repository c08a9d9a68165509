#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/chat/conversation.h"
#include "tests/unit/protocol/chat/vectors.h"

namespace parley::chat {

// Conversation ids that are the same in each run: `side`, then how many were drawn before.
inline std::function<ConversationId()> ids(unsigned side) {
  return [side, drawn = std::uint8_t{0}]() mutable {
    ConversationId id{};
    id[0] = static_cast<std::byte>(side);
    id[15] = static_cast<std::byte>(drawn++);
    return id;
  };
}

// One conversation and what its program has seen of it.
struct Side {
  explicit Side(unsigned number, std::vector<std::string> features = {})
      : conversation({.name = "side", .features = std::move(features), .new_id = ids(number)}) {}

  Conversation conversation;
  std::vector<std::string> texts;  // of TEXT, and "BYE"
  std::vector<Paired> paired;
  std::vector<Restarted> restarted;
  std::vector<Message> untaken;
  std::uint64_t acknowledged = 0;
  std::uint64_t stored = 0;
  int typing = 0;
  std::vector<Comparing> comparing;
  std::string name;  // of the other side
  bool take = true;  // at once
  std::error_code error;

  std::uint64_t say(std::string_view text) { return conversation.send(Type::text, bytes(text)); }

  void drain(Conversation::Time now) {
    while (auto event = conversation.next_event()) {
      if (auto* message = std::get_if<Message>(&*event)) {
        texts.push_back(message->type == Type::bye ? "BYE" : std::string(as_text(message->body)));
        untaken.push_back(*message);
      } else if (auto* p = std::get_if<Paired>(&*event)) {
        paired.push_back(*p);
        name = p->name;
      } else if (auto* r = std::get_if<Restarted>(&*event)) {
        restarted.push_back(std::move(*r));
      } else if (auto* a = std::get_if<Acknowledged>(&*event)) {
        acknowledged = a->sequence;
        stored = a->stored;
      } else if (auto* renamed = std::get_if<Renamed>(&*event)) {
        name = renamed->name;
      } else if (auto* c = std::get_if<Comparing>(&*event)) {
        comparing.push_back(*c);
      } else {
        ++typing;
      }
    }
    if (take) take_all(now);
  }
  void take_all(Conversation::Time now) {
    for (const Message& message : untaken) conversation.taken(message.id, now);
    untaken.clear();
  }
};

}  // namespace parley::chat

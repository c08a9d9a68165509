#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/chat/record.h"

namespace parley::chat {

// What a side is there for, as one of HELLO's features says: docs/chat-protocol.md, "HELLO".
enum class Purpose { chat, pipe, send, receive };

// "chat", "pipe", "send", "receive".
std::string_view feature_of(Purpose purpose);

// What these features say; nullopt: nothing that is known, or more than one.
std::optional<Purpose> purpose_in(std::span<const std::string> features);

// What a side is there for that says nothing of it, but sends such a record; nullopt: it may be for anything.
std::optional<Purpose> purpose_shown_by(Type type);

// Whether the two have something to say to each other: both the same, files and who takes them.
bool fit(Purpose one, Purpose other);

}  // namespace parley::chat

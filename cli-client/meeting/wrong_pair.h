#pragma once

#include <optional>
#include <string>

#include "protocol/chat/purpose.h"

namespace parley::client {

// Why who runs `ours` has nothing to say to who runs `theirs`, and what each can run instead. nullopt `theirs`: it does
// not say what it runs. The two must not fit each other.
std::string wrong_pair_text(chat::Purpose ours, std::optional<chat::Purpose> theirs);

}  // namespace parley::client

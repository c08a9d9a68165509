#pragma once

#include <optional>

#include "chat/secret.h"

namespace parley::client {

// An invite among the arguments, taken out of them: what is left there, and what ps(1) shows from now on, is only
// "parley://". nullopt: there is none.
std::optional<chat::SecretText> take_given_invite(int argc, char** argv);

}  // namespace parley::client

#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/secret.h"

namespace parley::client {

// An invite among the arguments, taken out of them: what is left there, and what ps(1) shows from now on, is only
// "parley://". nullopt: there is none. The error is for the user: a blank has cut it into several, all of them taken
// out.
tl::expected<std::optional<SecretText>, std::string> take_given_invite(int argc, char** argv);

}  // namespace parley::client

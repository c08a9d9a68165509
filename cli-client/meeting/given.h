#pragma once

#include <optional>

#include "base/secret.h"
#include "cli-client/settings/settings.h"

namespace parley::client {

// What a command is given besides its options.
struct Given {
  std::optional<SecretText> invite;  // the one from the command line, which is not in the options any more
  Settings settings;
};

}  // namespace parley::client

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/secret.h"
#include "cli-client/engine/engine.h"
#include "cli-client/meeting/options.h"
#include "cli-client/meeting/refusal.h"
#include "cli-client/net/trust.h"
#include "protocol/chat/invite.h"

namespace parley::client {

// What the options come to.
struct Plan {
  Meeting meeting;
  Trust trust;
  Patience patience;
  std::string name;
  std::optional<chat::Invite> made;  // a new one, to be shown: see ConversationLoop::invite()
};

// How long a command that nobody watches waits for the other to come back.
inline constexpr std::chrono::minutes kComeBackWithin{10};

// `given` is the invite from the command line, which is not in `options` any more. `again`: how long to wait for
// somebody who is lost, unless --wait says otherwise. Says on standard error when the relay can read along.
tl::expected<Plan, Refusal> make_plan(const MeetingOptions& options, const std::optional<SecretText>& given,
                                      std::optional<std::chrono::milliseconds> again);

}  // namespace parley::client

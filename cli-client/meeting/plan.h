#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "cli-client/engine/engine.h"
#include "cli-client/meeting/given.h"
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

// `again`: how long to wait for somebody who is lost, unless --wait says otherwise. Says on standard error when the
// relay can read along, and by what name the other side gets to know the user, when that was not chosen.
tl::expected<Plan, Refusal> make_plan(const MeetingOptions& options, const Given& given,
                                      std::optional<std::chrono::milliseconds> again);

}  // namespace parley::client

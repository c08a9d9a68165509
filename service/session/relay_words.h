#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "service/view/end_reason.h"

namespace parley {

// What people are told with ERROR; empty where there is nothing to say.
std::string_view sentence(EndReason reason);

// The ERROR frame for `reason`, with when to try again where that is worth it: drawn anew each time, as those who are
// refused together would come back together. nullopt: relay/1 has no code for it.
std::optional<std::string> error_frame(EndReason reason, std::string_view message, std::minstd_rand& random);

}  // namespace parley

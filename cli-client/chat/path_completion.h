#pragma once

#include <optional>
#include <string_view>

#include "cli-client/terminal/completion.h"

namespace parley::client {

// How a command can go on that is being typed, or the path behind /send or /accept. `line` is what stands before the
// cursor. nullopt: it ends in neither. For /accept only folders count. Names that a terminal cannot show as they are
// count for nothing.
std::optional<Completion> complete_line(std::string_view line);

}  // namespace parley::client

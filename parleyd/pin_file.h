#pragma once

#include <optional>
#include <string>

#include "service/settings/settings.h"

namespace parley {

// Writes relay/1's pin to --pin-file, if there is one, for everybody to read. nullopt, or one line that says why it
// could not be written and how to mend that.
std::optional<std::string> write_pin_file(const RelaySettings& settings, const std::string& pin);

}  // namespace parley

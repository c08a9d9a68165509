#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "service/config/config.h"

namespace parley {

// How a relay was started.
struct StartedAs {
  std::vector<std::string> arguments;
  config::Environment environment;  // empty when the kernel does not show it
  std::filesystem::path directory;  // from which its paths go; empty likewise
};

// The relay that this user runs on this machine, or in this container. nullopt: there is none, or there are several.
// Nobody else's is taken, as whoever asks it reads the files that it names, and shows it the token in one. `proc`:
// proc(5).
std::optional<StartedAs> running_relay(const std::filesystem::path& proc = "/proc");

// For who has been told no relay: `arguments` and `environment` become those of the one that runs, and so does the
// working directory. Left as they are where there is none, or the environment names another.
void take_from_running_relay(std::vector<std::string>& arguments, config::Environment& environment,
                             const std::filesystem::path& proc = "/proc");

}  // namespace parley

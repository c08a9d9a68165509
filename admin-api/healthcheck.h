#pragma once

#include "service/settings/settings.h"

namespace parley {

// Asks the first admin listener's /healthz, as a container's health check does. Prints one line (standard output
// when well, else standard error); the exit status: 0 well, 1 not, or nobody answers within 2 s.
int healthcheck(const AdminSettings& settings);

}  // namespace parley

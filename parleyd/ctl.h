#pragma once

#include <string>
#include <vector>

#include "service/config/config.h"

namespace parley {

// `parleyd ctl`: asks the admin endpoint of a relay that runs, and shows the answer as a table, or as it came. The exit
// status: 0 done; 1 the relay could not do it, or says no; 2 a mistake in the arguments; 3 the relay cannot be reached.
// `arguments`: those behind "ctl".
int ctl(const std::vector<std::string>& arguments, const config::Environment& environment);

}  // namespace parley

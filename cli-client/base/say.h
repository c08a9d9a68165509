#pragma once

#include <string>

namespace parley::client {

// "parley: ..." on standard error.
void say(const std::string& text);

}  // namespace parley::client

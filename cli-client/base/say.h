#pragma once

#include <string>

namespace parley::client {

// "parley: ..." on standard error.
void say(const std::string& text);

// Of every conversation that is not encrypted end to end, before it begins: `why` not.
void say_relay_can_read(const std::string& why);

}  // namespace parley::client

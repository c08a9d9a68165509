#include "cli-client/base/say.h"

#include <cstdio>

namespace parley::client {

void say(const std::string& text) { std::fprintf(stderr, "parley: %s\n", text.c_str()); }

void say_relay_can_read(const std::string& why) { say(why + ": the relay's operator can read everything"); }

}  // namespace parley::client

#include "cli-client/base/say.h"

#include <cstdio>

namespace parley::client {

void say(const std::string& text) { std::fprintf(stderr, "parley: %s\n", text.c_str()); }

}  // namespace parley::client

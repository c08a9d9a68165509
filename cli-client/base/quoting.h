#pragma once

#include <string>
#include <string_view>

namespace parley::client {

// A word as it is typed in a shell: in quotes where it needs them.
std::string for_a_shell(std::string_view word);

// What is typed to stand for `text` in a chat's command, behind an open `quote` (a single or a double one) or behind
// none (0). Single quotes are a shell's, too.
std::string quoted(std::string_view text, char quote);

}  // namespace parley::client

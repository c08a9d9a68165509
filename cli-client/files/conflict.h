#pragma once

#include <string>
#include <string_view>

namespace parley::client {

// What to do with a file whose name is taken by another.
enum class IfExists { ask, refuse, overwrite, rename };

// The name to try as the n-th, "report (1).pdf" for 1; at most `max_bytes` long, cut on a character's border.
std::string numbered_name(std::string_view name, unsigned n, std::size_t max_bytes);

}  // namespace parley::client

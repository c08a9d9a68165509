#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley::client {

// What to do with a file whose name is taken by another.
enum class IfExists { ask, refuse, overwrite, rename };

// Where what is offered by this name goes in the target folder: safe_path()'s, and not itself the name of a part.
// nullopt: too long. The sender asks this too, to tell what a file is called there.
std::optional<std::string> received_name(std::string_view name, bool directory, bool keep_dots = false);

// The name to try as the n-th, "report (1).pdf" for 1; at most `max_bytes` long, cut on a character's border.
std::string numbered_name(std::string_view name, unsigned n, std::size_t max_bytes);

}  // namespace parley::client

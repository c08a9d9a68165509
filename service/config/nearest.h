#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::config {

// The candidate that takes the fewest edits (insert, delete, replace, swap of neighbours) to become `word`;
// empty when none is near enough to be worth suggesting.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace parley::config

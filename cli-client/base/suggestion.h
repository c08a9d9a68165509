#pragma once

#include <span>
#include <string>
#include <string_view>

namespace parley::client {

// The candidate that a mistyped word most likely meant: the nearest by edits, at most a third of its length away;
// empty when there is none.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace parley::client

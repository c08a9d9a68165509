#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace parley {

// How many edits make one word the other: insert, delete or replace a character, swap two neighbours (the optimal
// string alignment distance). The work is quadratic.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that a mistyped word most likely meant: the nearest by edits, at most a third of its length away; empty
// when there is none.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace parley

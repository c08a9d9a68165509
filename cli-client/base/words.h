#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace parley::client {

// What a user may choose from: each list stands once, and its order is that of the values it stands for.
using Words = std::span<const std::string_view>;

// Which of them it is; nullopt: none.
std::optional<std::size_t> find_word(Words words, std::string_view word);
// What is wrong with one that is none of them, of which there are two at least: ""x" is none of a, b and c".
std::string none_of(Words words, std::string_view word);
// All in a row.
std::string joined(Words words, std::string_view between);

}  // namespace parley::client

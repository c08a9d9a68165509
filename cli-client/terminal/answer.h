#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace parley::client {

// What was typed behind a question.
struct Answer {
  std::size_t word = 0;  // which of those that could be chosen
  bool all = false;      // and "all" behind it: for what is like it, too
};

// A line, with its end or not, as one of `words`: whole or its beginning, in letters of either case. The words must
// begin with different letters. nullopt: it is none of them.
std::optional<Answer> read_answer(std::string_view line, std::initializer_list<std::string_view> words);

// "yes", or the beginning of it. Everything else is none.
bool is_yes(std::string_view line);

}  // namespace parley::client

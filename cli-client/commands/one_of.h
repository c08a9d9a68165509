#pragma once

#include <CLI/CLI.hpp>

#include "cli-client/base/words.h"

namespace parley::client {

// An option's value is one of these. CLI11's own puts its table into the sentence. `words` is kept by reference.
inline CLI::Validator one_of(Words words) {
  return {[words](std::string& text) { return find_word(words, text) ? std::string() : none_of(words, text); }, ""};
}

}  // namespace parley::client

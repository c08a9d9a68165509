#include "cli-client/base/words.h"

#include <algorithm>

#include "cli-client/base/escape.h"

namespace parley::client {

std::optional<std::size_t> find_word(Words words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

std::string none_of(Words words, std::string_view word) {
  const bool two = words.size() == 2;
  return "\"" + escape(word) + (two ? "\" is neither " : "\" is none of ") +
         joined(words.first(words.size() - 1), ", ") + (two ? " nor " : " and ") + std::string(words.back());
}

std::string joined(Words words, std::string_view between) {
  std::string text;
  for (const std::string_view word : words) (text += text.empty() ? "" : between) += word;
  return text;
}

}  // namespace parley::client

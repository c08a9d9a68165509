#include "cli-client/terminal/answer.h"

#include "base/ascii.h"
#include "base/trim.h"

namespace parley::client {
namespace {

bool begins(std::string_view word, std::string_view text) {
  return !text.empty() && equal_ignoring_case(word.substr(0, text.size()), text);
}

}  // namespace

std::optional<Answer> read_answer(std::string_view line, std::initializer_list<std::string_view> words) {
  line = trim(line);
  const std::string_view first = line.substr(0, line.find_first_of(kWhiteSpace));
  const std::string_view second = trim(line.substr(first.size()));
  if (!second.empty() && !equal_ignoring_case(second, "all")) return std::nullopt;
  std::size_t index = 0;
  for (const std::string_view word : words) {
    if (begins(word, first)) return Answer{index, !second.empty()};
    ++index;
  }
  return std::nullopt;
}

bool is_yes(std::string_view line) {
  const auto answer = read_answer(line, {"yes"});
  return answer && !answer->all;
}

}  // namespace parley::client

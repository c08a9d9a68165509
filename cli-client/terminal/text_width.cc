#include "cli-client/terminal/text_width.h"

#include <algorithm>
#include <cwchar>

namespace parley::client {
namespace {

struct Character {
  std::string_view bytes;
  std::size_t columns = 0;
  bool printable = false;
};

// Takes the first character off; a byte that begins none counts for one that cannot be printed.
Character take_character(std::string_view& text) {
  wchar_t c = 0;
  std::mbstate_t state{};
  const std::size_t count = std::mbrtowc(&c, text.data(), text.size(), &state);
  const bool valid = count > 0 && count <= text.size();
  const int columns = valid ? ::wcwidth(c) : -1;
  const Character character{.bytes = text.substr(0, valid ? count : 1),
                            .columns = static_cast<std::size_t>(std::max(columns, 0)),
                            .printable = columns >= 0};
  text.remove_prefix(character.bytes.size());
  return character;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) columns += take_character(text).columns;
  return columns;
}

std::string fit(std::string_view text, std::size_t columns) {
  const bool is_cut = columns_of(text) > columns;
  const std::size_t room = is_cut ? columns - std::min<std::size_t>(columns, 1) : columns;
  std::string shown;
  for (std::size_t used = 0; !text.empty();) {
    const Character character = take_character(text);
    used += character.columns;
    if (used > room) break;
    if (character.printable) shown += character.bytes;
  }
  return is_cut && columns > 0 ? shown + "…" : shown;
}

std::string fit_end(std::string_view text, std::size_t columns) {
  std::size_t left = columns_of(text);
  if (left <= columns) return std::string(text);
  if (columns == 0) return {};
  while (left > columns - 1) left -= take_character(text).columns;
  return "…" + std::string(text);
}

}  // namespace parley::client

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::client {

// How a command can go on that is being typed, or the path behind /send or /accept.
struct Completion {
  std::string more;                  // to be typed behind it, quoted as it is there
  std::vector<std::string> choices;  // when it is not clear how it goes on; folders end in /
};

// `line` is what stands before the cursor. nullopt: it ends in neither. For /accept only folders count. Names
// that a terminal cannot show as they are count for nothing.
std::optional<Completion> complete_line(std::string_view line);

}  // namespace parley::client

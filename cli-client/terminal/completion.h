#pragma once

#include <string>
#include <vector>

namespace parley::client {

// How a line that is being typed can go on.
struct Completion {
  std::string more;                  // to be typed behind it, quoted as it is there
  std::vector<std::string> choices;  // when it is not clear how it goes on; folders end in /
};

}  // namespace parley::client

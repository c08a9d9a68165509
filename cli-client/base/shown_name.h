#pragma once

#include <string>
#include <string_view>

namespace parley::client {

// A name that the other side has given itself, escaped. In quotes when it could be taken for what we say ourselves: for
// "you" or "them", for a name and the beginning of a text, or for nothing. Empty when it is empty.
std::string shown_name(std::string_view name);

}  // namespace parley::client

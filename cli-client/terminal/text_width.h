#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// How many columns a UTF-8 text takes on a screen: by the current locale (wcwidth(3)), and as if what cannot be printed
// were not there.
namespace parley::client {

std::size_t columns_of(std::string_view text);

// The front of it in at most `columns`, with "…" for the rest; what cannot be printed is left out.
std::string fit(std::string_view text, std::size_t columns);

// The end of it in at most `columns`, with "…" for what is left out: of a path that says more.
std::string fit_end(std::string_view text, std::size_t columns);

}  // namespace parley::client

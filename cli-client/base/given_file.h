#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parley::client {

// The whole of a file that the user has named, of at most 1 MiB. It is read once, so that a pipe will do, a shell's
// <(...), if it ends within a minute. The error says why not; the text is the caller's to overwrite.
tl::expected<std::string, std::string> read_given_file(const std::string& path);

// Without its end, "\n" or "\r\n".
std::string_view first_line(std::string_view text);

}  // namespace parley::client

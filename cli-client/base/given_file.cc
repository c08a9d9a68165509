#include "cli-client/base/given_file.h"

#include <chrono>

#include "base/regular_file.h"

namespace parley::client {

tl::expected<std::string, std::string> read_given_file(const std::string& path) {
  // Time for somebody to give the password of what is behind a pipe.
  return read_regular_file(path, {.pipe_within = std::chrono::minutes{1}}).map_error([](const ReadFault& fault) {
    return fault.why;
  });
}

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace parley::client

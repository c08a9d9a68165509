#pragma once

#include <string>
#include <tl/expected.hpp>

namespace parley::config {

// The text of the configuration file. The error is "<why>; <remedy>".

// A regular file, /dev/null, or a pipe (`<(...)`, /dev/stdin, a FIFO), which is read to its end, for a minute at most.
tl::expected<std::string, std::string> read_config_at_start(const std::string& path);

// A regular file, or /dev/null. What a pipe gave at the start cannot be read again, and what it gives now is another's
// or nothing.
tl::expected<std::string, std::string> read_config_again(const std::string& path);

}  // namespace parley::config

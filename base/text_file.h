#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/secret_file.h"

namespace parley {

// The whole of a regular file of at most 1 MiB. `secret`: unless nullopt, a file that others can get at is refused, and
// the text is the caller's to overwrite. The error is "<why>; <remedy>".
tl::expected<std::string, std::string> read_text_file(const std::string& path, std::optional<SecretGroup> secret);

}  // namespace parley

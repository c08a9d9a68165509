#pragma once

#include <string>
#include <tl/expected.hpp>

namespace parley::config {

// The token without its line end. Refused: what is not a regular file, fewer than 16 bytes, spaces and control
// characters, and a file that others than its owner can read. As PostgreSQL does for its keys, a file that root
// owns may be readable by its group: Kubernetes mounts secrets so for a process that is not root. The error
// is "<why>; <remedy>".
tl::expected<std::string, std::string> read_token_file(const std::string& path);

}  // namespace parley::config

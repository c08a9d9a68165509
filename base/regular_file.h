#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <tl/expected.hpp>

#include "base/fault.h"
#include "base/secret_file.h"

namespace parley {

// What of a file is taken.
struct FileRules {
  std::size_t most_bytes = std::size_t{1024} * 1024;
  // A file that others can get at is refused. The text is the caller's to overwrite; no copy of it is left behind.
  std::optional<SecretGroup> secret{};
  // A pipe is taken too (a FIFO, a shell's <(…), /dev/stdin) when its end comes within so long. It can be read once.
  std::optional<std::chrono::milliseconds> pipe_within{};
  // /dev/null is taken too, as an empty file, when it is named itself: a standard input that nobody gave may be it.
  bool null_device = false;
};

// Why a file is not taken.
struct ReadFault : Fault {
  std::error_code error{};  // the system's; none when what is there is not to be taken
};

// The whole of a regular file. Never waits for whoever might write to it, unless `rules` have it so.
tl::expected<std::string, ReadFault> read_regular_file(const std::string& path, const FileRules& rules = {});

}  // namespace parley

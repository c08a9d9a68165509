#pragma once

#include <filesystem>
#include <string>

namespace parley::test {

// A file of the tree, by its path from the root: of the one that was built, or that PARLEY_SOURCE_DIR names.
std::filesystem::path source_path(const std::string& path);

// Its text; a failure of the test when it cannot be read.
std::string read_source(const std::string& path);

}  // namespace parley::test

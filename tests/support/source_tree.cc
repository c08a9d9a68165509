#include "tests/support/source_tree.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace parley::test {

std::filesystem::path source_path(const std::string& path) {
  const char* elsewhere = std::getenv("PARLEY_SOURCE_DIR");
  return std::filesystem::path(elsewhere != nullptr ? elsewhere : PARLEY_SOURCE_DIR) / path;
}

std::string read_source(const std::string& path) {
  std::ifstream in(source_path(path));
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace parley::test

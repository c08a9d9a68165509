#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "service/config/config.h"
#include "service/config/help.h"
#include "service/config/options.h"
#include "tests/support/source_tree.h"

// The documents' lists of options are made from the table. After a change to it:
//   PARLEY_UPDATE_DOCS=1 unit_tests --gtest_filter='ConfigDocs.*'
// writes them anew.

namespace parley::config {
namespace {

std::filesystem::path docs() { return test::source_path("docs"); }

// Compares what stands between the lines that hold "options: begin" and "options: end".
void expect_block(const std::filesystem::path& path, const std::string& expected) {
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t marker = text.find("options: begin");
  ASSERT_NE(marker, std::string::npos) << path;
  const std::size_t begin = text.find('\n', marker) + 1;
  const std::size_t end = text.rfind('\n', text.find("options: end")) + 1;
  ASSERT_GE(end, begin) << path;
  if (std::getenv("PARLEY_UPDATE_DOCS") != nullptr) {
    std::ofstream(path) << text.replace(begin, end - begin, expected);
    return;
  }
  EXPECT_EQ(text.substr(begin, end - begin), expected) << path << " is not what the table of options says";
}

TEST(ConfigDocs, ConfigurationPageListsEveryOption) {
  expect_block(docs() / "configuration.md", "\n" + options_as_markdown() + "\n");
}

TEST(ConfigDocs, ManPageListsEveryOption) { expect_block(docs() / "parleyd.8", options_as_mdoc()); }

TEST(ConfigDocs, HelpFitsATerminalAndListsEveryOption) {
  const std::string help = help_text();
  for (const Option& option : options()) {
    EXPECT_NE(help.find("--" + std::string(option.name)), std::string::npos) << option.name;
    EXPECT_NE(help.find("[" + environment_name(option.name) + "]"), std::string::npos) << option.name;
  }
  for (const Mode& mode : modes()) EXPECT_NE(help.find("--" + std::string(mode.name)), std::string::npos) << mode.name;
  for (std::size_t begin = 0; begin < help.size();) {
    const std::size_t end = help.find('\n', begin);
    EXPECT_LE(end - begin, 80U) << help.substr(begin, end - begin);
    begin = end + 1;
  }
}

}  // namespace
}  // namespace parley::config

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "service/view/end_reason.h"
#include "tests/support/source_tree.h"

// The documents say why legs and sessions end and connections are refused; their words are compared with the enums'.

namespace parley {
namespace {

using testing::UnorderedElementsAreArray;

template <class Enum>
std::vector<std::string> words(std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.emplace_back(label(static_cast<Enum>(i)));
  return all;
}

std::vector<std::string> quoted(const std::string& text) {
  static const std::regex kQuoted("`([^`]*)`");
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), kQuoted), end; at != end; ++at) found.push_back((*at)[1]);
  return found;
}

// Those in the first column of the table with that head: "| `word`, `word` | what happened |".
std::vector<std::string> in_table(const std::string& document, std::string_view head) {
  std::istringstream lines(test::read_source(document));
  std::vector<std::string> found;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    inside = line.starts_with(head) || (inside && line.starts_with("|"));
    if (!inside) continue;
    for (std::string& word : quoted(line.substr(0, line.find('|', 1)))) found.push_back(std::move(word));
  }
  return found;
}

// Those behind the first column of the row that begins so.
std::vector<std::string> in_row(const std::string& document, std::string_view begin) {
  std::istringstream lines(test::read_source(document));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(begin)) return quoted(line.substr(begin.size()));
  }
  return {};
}

TEST(ViewDocs, OperationsPageHasEveryReasonOnce) {
  EXPECT_THAT(in_table("docs/operations.md", "| reason |"), UnorderedElementsAreArray(words<EndReason>(kEndReasons)));
}

TEST(ViewDocs, OperationsPageHasEveryRefusalOnce) {
  EXPECT_THAT(in_table("docs/operations.md", "| refusal |"), UnorderedElementsAreArray(words<Refusal>(kRefusals)));
}

TEST(ViewDocs, MetricsPageHasTheValuesOfEveryLabel) {
  const std::string page = "docs/metrics.md";
  EXPECT_THAT(in_row(page, "| `reason` of an end |"), UnorderedElementsAreArray(words<EndReason>(kEndReasons)));
  EXPECT_THAT(in_row(page, "| `reason` of a refusal |"), UnorderedElementsAreArray(words<Refusal>(kRefusals)));
  EXPECT_THAT(in_row(page, "| `protocol` |"), UnorderedElementsAreArray(words<Protocol>(kProtocols)));
}

}  // namespace
}  // namespace parley

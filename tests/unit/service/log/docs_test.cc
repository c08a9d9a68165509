#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/source_tree.h"

// docs/operations.md has a table of the events that are logged; it is compared with the calls in the sources.

namespace parley {
namespace {

struct LoggedEvent {
  std::string level;
  std::vector<std::string> fields;  // those of all its calls
  bool operator==(const LoggedEvent&) const = default;
};
using LoggedEvents = std::map<std::string, LoggedEvent>;

void PrintTo(const LoggedEvent& event, std::ostream* out) {
  *out << event.level << ": " << testing::PrintToString(event.fields);
}

std::vector<std::string> all(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    if (const std::string one = (*at)[1]; std::ranges::find(found, one) == found.end()) found.push_back(one);
  }
  return found;
}

void read_calls(const std::string& source, LoggedEvents& events) {
  static const std::regex kName("\"([^\"]+)\"");
  static const std::regex kField("\\{\"([a-z_0-9]+)\",");
  constexpr std::string_view kCall = "log_event(Level::";
  for (std::size_t at = source.find(kCall); at != std::string::npos; at = source.find(kCall, at + 1)) {
    const std::string call = source.substr(at, source.find(");\n", at) - at);
    const std::string level = call.substr(kCall.size(), call.find(',') - kCall.size());
    LoggedEvent& event = events[all(call, kName).at(0)];
    EXPECT_TRUE(event.level.empty() || event.level == level) << call;
    event.level = level;
    for (const std::string& field : all(call, kField)) {
      if (std::ranges::find(event.fields, field) == event.fields.end()) event.fields.push_back(field);
    }
  }
}

LoggedEvents in_sources() {
  LoggedEvents events;
  for (const char* folder : {"service", "admin-api", "parleyd"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(test::source_path(folder))) {
      if (entry.path().extension() != ".cc") continue;
      const std::string path = std::filesystem::relative(entry.path(), test::source_path("")).string();
      read_calls(test::read_source(path), events);
    }
  }
  return events;
}

// The rows "| `event` | level | `field`, `field` | … |".
LoggedEvents in_document() {
  static const std::regex kRow("\\| `([^`]+)` \\| ([a-z]+) \\| ([^|]*)\\|.*");
  static const std::regex kField("`([a-z_0-9]+)`");
  std::istringstream document(test::read_source("docs/operations.md"));
  LoggedEvents events;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("| event |")) inside = true;
    if (!line.starts_with("|")) inside = false;
    std::smatch row;
    if (!inside || !std::regex_match(line, row, kRow)) continue;
    EXPECT_TRUE(events.emplace(row[1], LoggedEvent{row[2], all(row[3], kField)}).second) << line;
  }
  return events;
}

TEST(LogDocs, OperationsPageListsEveryEventWithItsLevelAndFields) {
  const LoggedEvents logged = in_sources();
  EXPECT_GT(logged.size(), 15U);
  EXPECT_EQ(in_document(), logged);
}

}  // namespace
}  // namespace parley

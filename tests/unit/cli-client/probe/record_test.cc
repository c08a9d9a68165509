#include "cli-client/probe/record.h"

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/source_tree.h"

namespace parley::client {
namespace {

constexpr std::time_t kNow = 1'800'000'000;
constexpr std::time_t kExpires = 253'402'300'799;  // the end of the year 9999

Report well() {
  Report report;
  report.reached = Reached{};
  report.reached->certificate_expires = kExpires;
  for (auto& time : report.times) time = Milliseconds(250);
  return report;
}

Report not_well(Cause cause) {
  Report report;
  report.time(Phase::lookup) = Milliseconds(1);
  report.failure = Failure{cause, ExitStatus::failed, "it is not"};
  return report;
}

std::string metrics(const Record& record) { return metrics_text(record, "relay.example:10443"); }

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}
bool has_sample(const std::string& text, const std::string& name) {
  return ("\n" + text).find("\n" + name) != text.npos;
}

TEST(Record, BeforeTheFirstRoundNothingIsSaidOfTheRelay) {
  const std::string text = metrics({});
  EXPECT_FALSE(has_sample(text, "parley_probe_success"));
  EXPECT_FALSE(has_sample(text, "parley_probe_certificate"));
  EXPECT_TRUE(has_line(text, "parley_probes_total{result=\"success\"} 0"));
  EXPECT_TRUE(has_line(text, "parley_probes_total{result=\"failure\"} 0"));
  EXPECT_TRUE(has_line(text, "parley_probe_failures_total{reason=\"not-resumed\"} 0"));
  EXPECT_TRUE(has_line(text, "parley_probe_last_success_timestamp_seconds 0"));
}

TEST(Record, ARelayThatIsWell) {
  Record record;
  record.add(well(), kNow);
  const std::string text = metrics(record);
  EXPECT_TRUE(has_line(text, "parley_probe_success 1"));
  EXPECT_TRUE(has_line(text, "parley_probe_duration_seconds{phase=\"resume\"} 0.25")) << "base units";
  EXPECT_TRUE(has_line(text, "parley_probe_last_success_timestamp_seconds 1800000000"));
  EXPECT_TRUE(has_line(text, "parley_probe_certificate_expiry_timestamp_seconds 253402300799"));
}

TEST(Record, ARelayThatIsGoneLeavesWhatWasKnownOfItAndNoTimesThatWereNotMeasured) {
  Record record;
  record.add(well(), kNow);
  record.add(not_well(Cause::unreachable), kNow + 30);
  const std::string text = metrics(record);
  EXPECT_TRUE(has_line(text, "parley_probe_success 0"));
  EXPECT_TRUE(has_line(text, "parley_probes_total{result=\"success\"} 1"));
  EXPECT_TRUE(has_line(text, "parley_probes_total{result=\"failure\"} 1"));
  EXPECT_TRUE(has_line(text, "parley_probe_failures_total{reason=\"unreachable\"} 1"));
  EXPECT_TRUE(has_line(text, "parley_probe_last_success_timestamp_seconds 1800000000"));
  EXPECT_TRUE(has_sample(text, "parley_probe_certificate_expiry_timestamp_seconds 253402300799"));
  EXPECT_TRUE(has_sample(text, "parley_probe_duration_seconds{phase=\"lookup\"}"));
  EXPECT_FALSE(has_sample(text, "parley_probe_duration_seconds{phase=\"tcp\"}"));
}

// The rows "| `name` | type | labels | help |" of docs/operations.md.
std::map<std::string, std::string> documented() {
  std::istringstream file(test::read_source("docs/operations.md"));
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `parley_probe")) rows[line.substr(3, line.find('`', 3) - 3)] = line;
  }
  return rows;
}

// The same of the text format: its HELP, its TYPE, and the labels of its first sample.
std::map<std::string, std::string> exported(const std::string& text) {
  std::map<std::string, std::string> rows;
  const std::regex family("# HELP (\\w+) (.*)\n# TYPE \\w+ (\\w+)\n\\w+(?:\\{(.*)\\})? .*");
  for (std::sregex_iterator at(text.begin(), text.end(), family); at != std::sregex_iterator(); ++at) {
    const std::string labels = std::regex_replace((*at)[4].str(), std::regex("=\"[^\"]*\",?"), ", ");
    rows[(*at)[1]] = "| `" + (*at)[1].str() + "` | " + (*at)[3].str() + " | " +
                     (labels.empty() ? "" : labels.substr(0, labels.size() - 2) + " ") + "| " + (*at)[2].str() + " |";
  }
  return rows;
}

TEST(Record, DocumentAndExpositionAgree) {
  Record record;
  record.add(well(), kNow);
  const std::string text = metrics(record);
  EXPECT_EQ(documented(), exported(text));
  const std::string page = test::read_source("docs/operations.md");
  const std::string schema = test::read_source("docs/events.schema.json");
  for (const std::string_view word : kCauseWords) {
    EXPECT_NE(schema.find("\"" + std::string(word) + "\""), std::string::npos) << word;
    EXPECT_NE(page.find("`" + std::string(word) + "`"), std::string::npos) << word;
  }
  for (const PhaseWords& phase : kPhases) {
    EXPECT_NE(page.find("`" + std::string(phase.word) + "`"), std::string::npos) << phase.word;
  }
}

}  // namespace
}  // namespace parley::client

#include "service/log/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>

#include "service/log/format.h"

namespace parley {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What `act` makes the log write to standard error, in lines.
template <class Act>
std::vector<std::string> lines_of(Act act) {
  testing::internal::CaptureStderr();
  act();
  std::istringstream text(testing::internal::GetCapturedStderr());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

class Log : public testing::Test {
 protected:
  ~Log() override {
    stop_logging();
    set_log_level("info");
  }
};

TEST(LogFormat, TextIsMessageThenFields) {
  EXPECT_EQ(log_detail::format_text("session ended", {{"session", 7U},
                                                      {"reason", std::string("peer-closed")},
                                                      {"bytes_in", std::size_t{12}},
                                                      {"change", -3},
                                                      {"seconds", 1.5},
                                                      {"paced", true}}),
            "session ended session=7 reason=peer-closed bytes_in=12 change=-3 seconds=1.5 paced=true");
}

TEST(LogFormat, TextValuesAreQuotedAndEscapedWhereNeeded) {
  const struct {
    const char* value;
    const char* expected;
  } kCases[] = {{"", "\"\""},
                {"127.0.0.1:80", "127.0.0.1:80"},
                {"two words", "\"two words\""},
                {"a=b", "\"a=b\""},
                {"say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""},
                {"x\ninfo fake", "\"x\\x0ainfo fake\""},
                {"\x1b[31m\x7f", "\"\\x1b[31m\\x7f\""},
                {"\xc2\x9b", "\"\\xc2\\x9b\""},
                {"\xe2\x80\xae", "\"\\xe2\\x80\\xae\""},  // right-to-left override
                {"\xe2\x81\xa6"
                 "a\xe2\x81\xa9",
                 "\"\\xe2\\x81\\xa6a\\xe2\\x81\\xa9\""},  // isolate
                {"\xe2\x80\xa8", "\"\\xe2\\x80\\xa8\""},  // separator of lines
                {"\xef\xbb\xbf", "\"\\xef\\xbb\\xbf\""},  // zero width
                {"h\xc3\xa9", "\"h\xc3\xa9\""},
                {"\xff\xc3", "\"\\xff\\xc3\""},
                {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\""},
                {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""}};
  for (const auto& c : kCases)
    EXPECT_EQ(log_detail::format_text("m", {{"v", c.value}}), std::string("m v=") + c.expected);
  EXPECT_EQ(log_detail::format_text("two\nlines", {}), "two\\x0alines");
}

TEST(LogFormat, JsonTakesAnyBytes) {
  const std::string members = log_detail::format_json(
      "a \"b\"\n",
      {{"bytes", "\xff\x01"}, {"most", std::numeric_limits<std::uint64_t>::max()}, {"less", -1}, {"no", false}});
  EXPECT_EQ(members.find('\n'), std::string::npos);
  const auto object = nlohmann::json::parse("{" + members + "}");
  EXPECT_EQ(object["message"], "a \"b\"\n");
  EXPECT_EQ(object["bytes"], "\xef\xbf\xbd\x01");
  EXPECT_EQ(object["most"], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(object["less"], -1);
  EXPECT_EQ(object["no"], false);
}

TEST_F(Log, WritesTextLinesBeforeWhileAndAfterItRuns) {
  const auto lines = lines_of([] {
    log_event(Level::info, "before {}", {{"n", 1}});
    start_logging({"info", LogFormat::text});
    log_event(Level::warning, "while %s", {{"n", 2}});
    stop_logging();
    log_event(Level::error, "after", {{"n", 3}});
    stop_logging();
  });
  ASSERT_EQ(lines.size(), 3U);
  const std::string time = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )";
  EXPECT_TRUE(std::regex_match(lines[0], std::regex(time + R"(info before \{\} n=1)"))) << lines[0];
  EXPECT_TRUE(std::regex_match(lines[1], std::regex(time + "warning while %s n=2"))) << lines[1];
  EXPECT_TRUE(std::regex_match(lines[2], std::regex(time + "error after n=3"))) << lines[2];
}

TEST_F(Log, WritesOneJsonObjectALine) {
  const auto lines = lines_of([] {
    start_logging({"debug", LogFormat::json});
    log_event(Level::debug, "line\nend", {{"id", 7U}, {"text", "100% \"q\"\r\n"}});
    log_event(Level::critical, "alone");
    stop_logging();
  });
  ASSERT_EQ(lines.size(), 2U);
  const auto first = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(first["level"], "debug");
  EXPECT_EQ(first["message"], "line\nend");
  EXPECT_EQ(first["id"], 7);
  EXPECT_EQ(first["text"], "100% \"q\"\r\n");
  EXPECT_TRUE(
      std::regex_match(first["time"].get<std::string>(), std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
  EXPECT_EQ(nlohmann::json::parse(lines[1])["level"], "critical");
}

TEST_F(Log, LevelsBelowTheOneSetAreNeitherWrittenNorCounted) {
  const auto before = log_counts();
  const auto lines = lines_of([] {
    EXPECT_TRUE(set_log_level("warning"));
    log_event(Level::info, "no");
    log_event(Level::warning, "yes");
    EXPECT_FALSE(set_log_level("loud"));
    EXPECT_FALSE(log_enabled(Level::info));
    EXPECT_TRUE(set_log_level("off"));
    log_event(Level::critical, "no");
    log_event(Level::off, "no");
  });
  EXPECT_EQ(lines.size(), 1U);
  auto after = log_counts();
  std::transform(after.begin(), after.end(), before.begin(), after.begin(), std::minus<>());
  EXPECT_THAT(after, ElementsAre(0, 0, 0, 1, 0, 0));
}

TEST_F(Log, ManyThreadsAndRestartsLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kLines = 1000;
  const auto lines = lines_of([] {
    std::atomic<int> running{kThreads};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&running, t] {
        for (int i = 0; i < kLines; ++i) log_event(Level::info, "line", {{"thread", t}, {"number", i}});
        --running;
      });
    while (running > 0) {
      start_logging({"info", LogFormat::text});
      stop_logging();
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(kThreads * kLines));
}

// Standard error as a pipe that nobody reads until every event has been given: the callers do not wait for it.
TEST_F(Log, ABlockedStandardErrorBlocksNoCallerAndTheLossIsSaid) {
  constexpr int kLines = 30'000;  // beyond the pipe's 64 KiB and the queue together
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int saved = ::dup(STDERR_FILENO);
  ASSERT_GE(::dup2(ends[1], STDERR_FILENO), 0);
  ::close(ends[1]);

  start_logging({"info", LogFormat::text});
  for (int i = 0; i < kLines; ++i) log_event(Level::info, "line", {{"number", i}});
  std::string text;
  std::thread reader([&] {
    char part[4096];
    for (ssize_t got; (got = ::read(ends[0], part, sizeof part)) > 0;) text.append(part, static_cast<std::size_t>(got));
  });
  stop_logging();
  ::dup2(saved, STDERR_FILENO);  // closes the pipe's last writing end
  ::close(saved);
  reader.join();
  ::close(ends[0]);

  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), kLines);
  EXPECT_THAT(text, HasSubstr("number=29999\n")) << "the newest lines stay";
  EXPECT_THAT(text, HasSubstr("warning log lines were lost lines="));
}

// Nor does whoever ends the log: it is given up, and what has not been written is counted.
TEST_F(Log, AStandardErrorThatIsNeverReadKeepsNobodyFromStopping) {
  constexpr int kLines = 3000;
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int saved = ::dup(STDERR_FILENO);
  ASSERT_GE(::dup2(ends[1], STDERR_FILENO), 0);
  ::close(ends[1]);

  const std::uint64_t before = log_lines_lost();
  start_logging({"info", LogFormat::text});
  for (int i = 0; i < kLines; ++i) log_event(Level::info, "a line that is as long as lines are", {{"number", i}});
  stop_logging(std::chrono::milliseconds(50));
  log_event(Level::error, "nobody tries it again");
  EXPECT_GT(log_lines_lost(), before + kLines / 2);
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  ::close(ends[0]);
}

}  // namespace
}  // namespace parley

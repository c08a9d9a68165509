#include "cli-client/terminal/input_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::client {
namespace {

std::vector<std::string> take_all(LineSplitter& splitter) {
  std::vector<std::string> lines;
  while (auto line = splitter.next()) lines.push_back(*line);
  return lines;
}

TEST(LineSplitter, CutsAtLineFeeds) {
  LineSplitter splitter;
  splitter.feed("one\n\ntwo\nthr");
  EXPECT_EQ(take_all(splitter), (std::vector<std::string>{"one", "", "two"}));
  EXPECT_FALSE(splitter.empty());
  splitter.feed("ee\n");
  EXPECT_EQ(take_all(splitter), std::vector<std::string>{"three"});
  EXPECT_TRUE(splitter.empty());
}

TEST(LineSplitter, LastLineNeedsNoLineFeed) {
  LineSplitter splitter;
  splitter.feed("one\ntwo");
  splitter.end();
  EXPECT_EQ(take_all(splitter), (std::vector<std::string>{"one", "two"}));
}

TEST(LineSplitter, EndAfterALineFeedAddsNoLine) {
  LineSplitter splitter;
  splitter.feed("one\n");
  splitter.end();
  EXPECT_EQ(take_all(splitter), std::vector<std::string>{"one"});
}

TEST(LineSplitter, AnyChunkingGivesTheSameLines) {
  const std::string text = "a\nbb\n\nccc\r\n\xe2\x82\xac\nend";
  for (std::size_t chunk = 1; chunk <= text.size(); ++chunk) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += chunk) {
      splitter.feed(text.substr(at, chunk));
      for (auto& line : take_all(splitter)) lines.push_back(line);
    }
    splitter.end();
    for (auto& line : take_all(splitter)) lines.push_back(line);
    EXPECT_EQ(lines, (std::vector<std::string>{"a", "bb", "", "ccc\r", "\xe2\x82\xac", "end"})) << chunk;
  }
}

TEST(LineSplitter, EndlessLineIsGivenOutInPartsOnCharacterBorders) {
  LineSplitter splitter;
  std::string text;
  while (text.size() <= LineSplitter::kMaxLineBytes) text += "\xe2\x82\xac";
  splitter.feed(text);
  const auto lines = take_all(splitter);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LE(lines[0].size(), LineSplitter::kMaxLineBytes);
  EXPECT_EQ(lines[0].size() % 3, 0U);
  splitter.end();
  EXPECT_EQ(lines[0] + *splitter.next(), text);
}

}  // namespace
}  // namespace parley::client

#include "cli-client/chat/path_completion.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/cli-client/files/scratch_folder.h"

namespace parley::client {
namespace {

// Behind that quote, or a blank.
std::string typed(const std::string& path, char before) {
  const std::string_view special = before == '"' ? "\\\"" : before == '\'' ? "" : " \t\\\"'";
  std::string text;
  for (const char c : path) {
    if (special.find(c) != std::string_view::npos) text += '\\';
    text += before == '\'' && c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text;
}

class PathCompletion : public testing::Test {
 protected:
  PathCompletion() {
    for (const char* name : {"report.pdf", "remarks", "Größe 1", "Größe 2", ".hidden", "it's", "photos/june/1.jpg"}) {
      folder.write(name, "");
    }
    folder.write("tab\there", "");
    folder.write("esc\x1b[31m", "");
  }

  // What Tab types behind this, whose @ stands for the folder, as it is to be typed there.
  std::string more(std::string line) {
    if (const std::size_t at = line.find('@'); at != std::string::npos) {
      line.replace(at, 1, typed(folder.path(), at > 0 ? line[at - 1] : ' '));
    }
    const auto completion = complete_line(line);
    choices = completion ? completion->choices : std::vector<std::string>{};
    return completion ? completion->more : "neither";
  }

  ScratchFolder folder;
  std::vector<std::string> choices;
};

TEST_F(PathCompletion, TypesTheRestOfTheName) {
  EXPECT_EQ(more("/send @/rep"), "ort.pdf ");
  EXPECT_EQ(more("/send other.txt @/rep"), "ort.pdf ");
  EXPECT_EQ(more("/send @/pho"), "tos/");
  EXPECT_EQ(more("/send @/photos/june/"), "1.jpg ");
  EXPECT_EQ(more("/send @/nothing"), "");
  EXPECT_EQ(more("/send @/tab"), "");
  EXPECT_EQ(more("/send @/esc"), "");
  EXPECT_EQ(more("/send @/.h"), "idden ");
}

TEST_F(PathCompletion, TypesWhatTheyShareAndGivesTheChoice) {
  EXPECT_EQ(more("/send @/r"), "e");
  EXPECT_EQ(choices, (std::vector<std::string>{"remarks", "report.pdf"}));
  EXPECT_EQ(more("/send @/"), "");
  EXPECT_EQ(choices.size(), 6U) << "without hidden ones";
  EXPECT_EQ(more("/send @/G"), "röße\\ ");
}

TEST_F(PathCompletion, QuotesAsItIsQuotedThere) {
  EXPECT_EQ(more("/send \"@/Gr"), "öße ");
  EXPECT_EQ(more("/send \"@/Größe 1"), "\" ");
  EXPECT_EQ(more("/send '@/rep"), "ort.pdf' ");
  EXPECT_EQ(more("/send @/Größe\\ 1"), " ");
  EXPECT_EQ(more("/send @/it"), "\\'s ");
  EXPECT_EQ(more("/send '@/it"), "'\\''s' ");
  EXPECT_EQ(more("/send \"@/it"), "'s\" ");
  EXPECT_EQ(more("/send @/Größe\\"), "");
  ::setenv("HOME", folder.path().c_str(), 1);
  EXPECT_EQ(more("/send ~/rep"), "ort.pdf ");
}

TEST_F(PathCompletion, AcceptsOnlyFolders) {
  EXPECT_EQ(more("/accept @/"), "photos/");
  EXPECT_EQ(more("/accept @/rep"), "");
}

TEST_F(PathCompletion, TypesTheRestOfACommand) {
  EXPECT_EQ(more("/se"), "nd ");
  EXPECT_EQ(more("/send"), " ");
  EXPECT_EQ(more("/nonsense"), "");
  EXPECT_EQ(more("/"), "");
  EXPECT_EQ(choices.size(), 12U);
}

TEST_F(PathCompletion, LeavesTheRestAlone) {
  for (const char* line : {"", "report", "//se", "/name @/rep", "//send @/rep", "/sendx @/rep"}) {
    EXPECT_EQ(more(line), "neither") << line;
  }
}

}  // namespace
}  // namespace parley::client

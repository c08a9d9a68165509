#include "cli-client/probe/round_lines.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <string>

#include "base/descriptor.h"

namespace parley::client {
namespace {

class RoundLinesTest : public testing::Test {
 protected:
  Descriptor reader, writer;

  RoundLinesTest() {
    ::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
    EXPECT_GE(::fcntl(writer.get(), F_SETPIPE_SZ, 4096), 0);
    EXPECT_EQ(::fcntl(reader.get(), F_SETFL, O_NONBLOCK), 0);
  }
  std::string read_all() const {
    std::string text;
    std::array<char, 4096> bytes;
    for (ssize_t count = 0; (count = ::read(reader.get(), bytes.data(), bytes.size())) > 0;) {
      text.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return text;
  }
};

TEST_F(RoundLinesTest, ALineThatThereIsNoRoomForIsLeftOut) {
  RoundLines lines(writer.get());
  const std::string first(4000, 'a');
  EXPECT_EQ(lines.put(first), 0);
  EXPECT_EQ(lines.put(std::string(PIPE_BUF - 1, 'b')), 0) << "it waits for nobody";
  EXPECT_EQ(read_all(), first + "\n");
  EXPECT_EQ(lines.put("c"), 0);
  EXPECT_EQ(read_all(), "c\n");
}

TEST_F(RoundLinesTest, WhatFollowsALineThatWasCutIsALineOfItsOwn) {
  RoundLines lines(writer.get());
  const std::string first(std::size_t{3} * PIPE_BUF, 'a');
  EXPECT_EQ(lines.put(first), 0);
  const std::string cut = read_all();
  EXPECT_LT(cut.size(), first.size());
  EXPECT_EQ(lines.put("b"), 0);
  EXPECT_EQ(read_all(), "\nb\n");
}

TEST_F(RoundLinesTest, AReaderThatIsGoneIsToldOnce) {
  RoundLines lines(writer.get());
  reader.reset();
  EXPECT_EQ(lines.put("a"), EPIPE);
  EXPECT_TRUE(lines.gone());
  EXPECT_EQ(lines.put("b"), 0);
}

}  // namespace
}  // namespace parley::client

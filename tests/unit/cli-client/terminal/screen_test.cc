#include "cli-client/terminal/screen.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdlib>

#include "base/descriptor.h"

namespace parley::client {
namespace {

class ScreenTest : public testing::Test {
 protected:
  void SetUp() override {
    ::grantpt(master.get());
    ::unlockpt(master.get());
    terminal = Descriptor(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY));
    ASSERT_TRUE(terminal.valid());
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
  }

  Descriptor master{::posix_openpt(O_RDWR | O_NOCTTY)};
  Descriptor terminal;
};

TEST_F(ScreenTest, ATerminalCanBeWrittenOver) {
  const Screen screen(terminal.get());
  EXPECT_TRUE(screen.is_terminal());
  EXPECT_TRUE(screen.can_overwrite());
  EXPECT_TRUE(screen.wants_colours());
}

TEST_F(ScreenTest, ADumbOneOrAFileCannot) {
  for (const char* term : {"dumb", ""}) {
    ::setenv("TERM", term, 1);
    EXPECT_FALSE(Screen(terminal.get()).can_overwrite()) << term;
  }
  ::unsetenv("TERM");
  EXPECT_FALSE(Screen(terminal.get()).can_overwrite());
  ::setenv("TERM", "xterm", 1);
  const Descriptor file(::open("/dev/null", O_WRONLY));
  EXPECT_FALSE(Screen(file.get()).is_terminal());
  EXPECT_FALSE(Screen(file.get()).can_overwrite());
  EXPECT_FALSE(Screen(file.get()).wants_colours());
}

TEST_F(ScreenTest, ColoursCanBeUnwanted) {
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(Screen(terminal.get()).wants_colours());
  EXPECT_TRUE(Screen(terminal.get()).can_overwrite());
}

TEST_F(ScreenTest, TellsItsSizeOrTheUsualOne) {
  const Screen screen(terminal.get());
  EXPECT_EQ(screen.columns(), 80U);
  EXPECT_EQ(screen.rows(), 24U);
  const winsize size{.ws_row = 10, .ws_col = 33, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(::ioctl(terminal.get(), TIOCSWINSZ, &size), 0);
  EXPECT_EQ(screen.columns(), 33U);
  EXPECT_EQ(screen.rows(), 10U);
}

}  // namespace
}  // namespace parley::client

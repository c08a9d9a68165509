#include "base/errno_text.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(ErrnoText, IsTheSystemsWords) {
  EXPECT_EQ(errno_text(ENOENT), "No such file or directory");
  errno = EACCES;
  EXPECT_EQ(errno_text(), "Permission denied");
}

}  // namespace
}  // namespace parley

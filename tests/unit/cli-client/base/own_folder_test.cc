#include "cli-client/base/own_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace parley::client {
namespace {

TEST(OwnFolder, FollowsTheSpecification) {
  ::setenv("XDG_STATE_HOME", "/var/state/", 1);
  ::setenv("HOME", "/people/ann", 1);
  EXPECT_EQ(state_folder(), "/var/state/parley");
  ::setenv("XDG_STATE_HOME", "relative", 1);
  EXPECT_EQ(state_folder(), "/people/ann/.local/state/parley");
  ::unsetenv("XDG_CONFIG_HOME");
  EXPECT_EQ(config_folder(), "/people/ann/.config/parley");
  ::setenv("HOME", "/", 1);
  EXPECT_EQ(config_folder(), "/.config/parley") << "a container's home, and no double slash";
  ::unsetenv("HOME");
  EXPECT_EQ(config_folder(), "");
}

}  // namespace
}  // namespace parley::client

#include "parleyd/running_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <string>

namespace parley {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Words = std::vector<std::string>;

// Processes as proc(5) shows them.
class RunningRelayTest : public testing::Test {
 protected:
  RunningRelayTest() {
    EXPECT_NE(::mkdtemp(proc_.data()), nullptr);
    std::filesystem::create_directory(proc_ + "/sys");
  }
  ~RunningRelayTest() override { std::filesystem::remove_all(proc_); }

  std::filesystem::path runs(const std::string& number, const std::string& name, const Words& words,
                             const Words& variables = {}) {
    const std::filesystem::path process = std::filesystem::path(proc_) / number;
    std::filesystem::create_directory(process);
    std::ofstream(process / "comm") << name << "\n";
    std::ofstream(process / "cmdline") << joined(words);
    std::ofstream(process / "environ") << joined(variables);
    return process;
  }
  std::optional<StartedAs> found() const { return running_relay(proc_); }
  Words asks(config::Environment environment) const {
    Words arguments;
    take_from_running_relay(arguments, environment, proc_);
    return arguments;
  }

  std::string proc_ = (std::filesystem::temp_directory_path() / "parley-XXXXXX").string();

 private:
  static std::string joined(const Words& words) {
    std::string text;
    for (const std::string& word : words) text += word + '\0';
    return text;
  }
};

TEST_F(RunningRelayTest, IsTheOneThatServes) {
  EXPECT_FALSE(found());
  runs("7", "sh", {"sh", "-c", "parleyd"});
  runs("8", "parleyd", {});  // has ended
  runs("9", "parleyd", {"parleyd", "healthcheck"});
  runs("10", "parleyd", {"parleyd", "ctl", "status"});
  EXPECT_FALSE(found());
  runs("1", "parleyd", {"/usr/bin/parleyd", "--admin-listen", "*:9", "--name=a b"}, {"PATH=/bin", "A=b=c", "none"});
  const auto started = found();
  ASSERT_TRUE(started);
  EXPECT_THAT(started->arguments, ElementsAre("--admin-listen", "*:9", "--name=a b"));
  EXPECT_THAT(started->environment, ElementsAre(Pair("A", "b=c"), Pair("PATH", "/bin")));
}

TEST_F(RunningRelayTest, OfSeveralItIsNone) {
  runs("1", "parleyd", {"parleyd"});
  EXPECT_TRUE(found());
  runs("2", "parleyd", {"parleyd"});
  EXPECT_FALSE(found());
}

TEST_F(RunningRelayTest, SomebodyElsesIsNotTaken) {
  const auto process = runs("1", "parleyd", {"parleyd"});
  if (::chown(process.c_str(), ::geteuid() + 1, static_cast<gid_t>(-1)) != 0) GTEST_SKIP() << "not root";
  EXPECT_FALSE(found());
}

TEST_F(RunningRelayTest, WhoNamesAnotherIsLeftAlone) {
  runs("1", "parleyd", {"parleyd", "--admin-listen", "*:9"}, {"PARLEY_CONFIG=/etc/parleyd.toml", "PARLEY_SHARDS=1"});
  EXPECT_THAT(asks({}), ElementsAre("--admin-listen", "*:9"));
  EXPECT_THAT(asks({{"PARLEY_CONFIG", "/etc/parleyd.toml"}, {"PARLEY_SHARDS", "2"}}),
              ElementsAre("--admin-listen", "*:9"));
  EXPECT_THAT(asks({{"PARLEY_CONFIG", "another.toml"}}), IsEmpty());
  EXPECT_THAT(asks({{"PARLEY_ADMIN_LISTEN", "*:9"}}), IsEmpty());
}

TEST_F(RunningRelayTest, ItsEnvironmentAndPathsAreTakenToo) {
  const auto process = runs("1", "parleyd", {"parleyd"}, {"PARLEY_ADMIN_LISTEN=*:9", "PARLEY_SHARDS=1"});
  std::filesystem::create_directory_symlink("/", process / "cwd");
  const auto before = std::filesystem::current_path();
  Words arguments;
  config::Environment environment{{"PARLEY_SHARDS", "2"}};
  take_from_running_relay(arguments, environment, proc_);
  EXPECT_EQ(std::filesystem::current_path(), "/");
  std::filesystem::current_path(before);
  EXPECT_THAT(environment, ElementsAre(Pair("PARLEY_ADMIN_LISTEN", "*:9"), Pair("PARLEY_SHARDS", "2")));
}

}  // namespace
}  // namespace parley

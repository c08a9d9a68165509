#include "cli-client/settings/settings_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace parley::client {
namespace {

namespace fs = std::filesystem;

class SettingsFile : public testing::Test {
 protected:
  SettingsFile() {
    std::string name = (fs::temp_directory_path() / "parley-settings-XXXXXX").string();
    base_ = ::mkdtemp(name.data());
    ::setenv("XDG_CONFIG_HOME", base_.c_str(), 1);
    for (const Setting& setting : settings_table()) ::unsetenv(std::string(setting.variable).c_str());
  }
  ~SettingsFile() override {
    ::unsetenv("XDG_CONFIG_HOME");
    fs::remove_all(base_);
  }

  void write(const std::string& text) {
    fs::create_directories(fs::path(settings_path()).parent_path());
    std::ofstream(settings_path()) << text;
  }
  static std::string text() {
    std::ostringstream all;
    all << std::ifstream(settings_path()).rdbuf();
    return all.str();
  }

  fs::path base_;
};

TEST_F(SettingsFile, AChangeLeavesAllElseAsItIs) {
  const std::string text = "# mine\r\nrelay = 'a.example' # the old one\r\n\r\nname=\"ann\"";
  EXPECT_EQ(with_setting(text, "relay", "b.example"),
            "# mine\r\nrelay = \"b.example\" # the old one\r\n\r\nname=\"ann\"");
  EXPECT_EQ(with_setting(text, "relay", std::nullopt), "# mine\r\n\r\nname=\"ann\"");
  EXPECT_EQ(with_setting(text, "name", std::nullopt), "# mine\r\nrelay = 'a.example' # the old one\r\n\r\n");
  EXPECT_EQ(with_setting(text, "qr", "true"), text + "\nqr = true\n");
  EXPECT_EQ(with_setting(text, "qr", std::nullopt), text);
  EXPECT_EQ(with_setting("", "name", "\"x\" \\ \x1b"), "name = \"\\\"x\\\" \\\\ \\u001b\"\n");
}

TEST_F(SettingsFile, IsMadeWhenThereIsNone) {
  EXPECT_FALSE(load_settings()->find("relay"));
  ASSERT_TRUE(change_settings_file("relay", "relay.example"));
  EXPECT_EQ(load_settings()->find("relay")->text, "relay.example");
  struct stat status{};
  ASSERT_EQ(::stat(settings_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SettingsFile, ALinkToItStaysOneAndItsModeToo) {
  write("");
  fs::rename(settings_path(), base_ / "elsewhere");
  fs::permissions(base_ / "elsewhere", fs::perms{0644});
  fs::create_symlink(base_ / "elsewhere", settings_path());
  ASSERT_TRUE(change_settings_file("name", "ann"));
  EXPECT_TRUE(fs::is_symlink(settings_path()));
  EXPECT_EQ(text(), "name = \"ann\"\n");
  EXPECT_EQ(fs::status(base_ / "elsewhere").permissions(), fs::perms{0644});
}

TEST_F(SettingsFile, WhatCouldNotBeReadAgainIsNotWritten) {
  write("name = \"ann\"\n");
  const auto done = change_settings_file("pin", "sha256:" + std::string(43, 'A'));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), testing::HasSubstr("pin belongs to a relay, and the file names none"));
  EXPECT_EQ(text(), "name = \"ann\"\n");
  write("nonsense");
  EXPECT_FALSE(change_settings_file("name", "bob"));
  EXPECT_EQ(text(), "nonsense");
}

TEST_F(SettingsFile, ChangesAtTheSameTimeAreAllKept) {
  const std::vector<std::string> names{"name", "bell", "wait", "timeout", "linger", "qr"};
  const std::vector<std::string> values{"ann", "idle", "1m", "5s", "2s", "true"};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < names.size(); ++i) {
    threads.emplace_back([&, i] { EXPECT_TRUE(change_settings_file(names[i], values[i])); });
  }
  for (std::thread& thread : threads) thread.join();
  const auto settings = load_settings();
  ASSERT_TRUE(settings) << settings.error();
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(settings->find(names[i])->text, values[i]);
  EXPECT_EQ(std::distance(fs::directory_iterator(base_ / "parley"), {}), 1) << "nothing is left beside it";
}

}  // namespace
}  // namespace parley::client

#include "cli-client/settings/table.h"

#include <gtest/gtest.h>

#include <set>

#include "service/config/config.h"
#include "tests/support/source_tree.h"

namespace parley::client {
namespace {

TEST(SettingsTable, NamesEachOnce) {
  std::set<std::string_view> names;
  for (const Setting& setting : settings_table()) {
    EXPECT_TRUE(names.insert(setting.name).second && names.insert(setting.variable).second) << setting.name;
    EXPECT_EQ(find_setting(setting.name), &setting);
    EXPECT_TRUE(setting.variable.starts_with("PARLEY_"));
  }
  EXPECT_EQ(find_setting("relay "), nullptr);
}

// They may be set for all programs of a machine. One that parleyd has too would mean something else there.
TEST(SettingsTable, ARelayMindsNoneOfTheVariables) {
  for (const Setting& setting : settings_table()) {
    const auto loaded = config::load({}, {{std::string(setting.variable), "no value of parleyd's"}});
    EXPECT_TRUE(loaded) << loaded.error().message;
  }
}

TEST(SettingsTable, TheManualPageHasEach) {
  const std::string page = test::read_source("docs/parley.1");
  for (const Setting& setting : settings_table()) {
    const std::string row = ".It Ic " + std::string(setting.name) + " Ta Ev " + std::string(setting.variable) + " Ta ";
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace parley::client

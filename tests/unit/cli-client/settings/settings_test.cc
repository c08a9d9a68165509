#include "cli-client/settings/settings.h"

#include <gmock/gmock.h>

#include <map>

#include "cli-client/settings/relay_text.h"

namespace parley::client {
namespace {

using testing::HasSubstr;

using SetVariables = std::map<std::string, std::string>;

tl::expected<Settings, std::string> read_settings(const std::string& text, const SetVariables& variables = {}) {
  return Settings::read(text, "/c.toml", [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::string set_text(const std::optional<Settings::Value>& value) { return value ? value->text : "(none)"; }

TEST(Settings, AVariableOutranksTheFile) {
  const auto settings = read_settings("relay = \"a.example\"\nname = \"ann\"\nqr = true\n",
                                      {{"PARLEY_NAME", "bob"}, {"PARLEY_BELL", "always"}, {"PARLEY_QR", ""}});
  ASSERT_TRUE(settings) << settings.error();
  EXPECT_EQ(set_text(settings->find("name")), "bob");
  EXPECT_EQ(settings->find("name")->origin, "PARLEY_NAME");
  EXPECT_EQ(set_text(settings->in_file("name")), "ann");
  EXPECT_EQ(settings->in_file("name")->origin, "/c.toml, line 2");
  EXPECT_EQ(set_text(settings->find("bell")), "always");
  EXPECT_EQ(set_text(settings->find("qr")), "true") << "a variable that is empty is not set";
  EXPECT_EQ(set_text(settings->find("into")), "(none)");
}

TEST(Settings, WhatBelongsToARelayCountsForNoOther) {
  const std::string pin = "sha256:" + std::string(43, 'A');
  const auto settings = read_settings("relay = \"A.example\"\npin = \"" + pin + "\"\naccess-file = \"/token\"\n",
                                      {{"PARLEY_CLIENT_KEY", "/k"}});
  ASSERT_TRUE(settings) << settings.error();
  const Endpoint its = *read_relay_text("a.example.");
  const Endpoint other = *read_relay_text("b.example");
  EXPECT_TRUE(settings->file_names(its));
  EXPECT_FALSE(settings->file_names(other) || settings->file_names(*read_relay_text("a.example:443")));
  EXPECT_EQ(set_text(settings->find_for(its, "access-file")), "/token");
  EXPECT_EQ(set_text(settings->find_for(other, "access-file")), "(none)");
  EXPECT_EQ(set_text(settings->find_for(other, "client-key")), "/k") << "the environment's are for this call";
}

TEST(Settings, PathsMayBeginAtHome) {
  const auto settings = read_settings("into = \"~/Downloads\"\n", {{"HOME", "/people/ann"}, {"PARLEY_CA", "~/ca.pem"}});
  ASSERT_TRUE(settings) << settings.error();
  EXPECT_EQ(set_text(settings->find("into")), "/people/ann/Downloads");
  EXPECT_EQ(set_text(settings->find("ca")), "/people/ann/ca.pem");
  EXPECT_EQ(set_text(read_settings("into = \"~\"\n", {{"HOME", "/people/ann"}})->find("into")), "/people/ann");
  EXPECT_EQ(set_text(read_settings("into = \"~/x\"\n")->find("into")), "~/x") << "without a home it is what it says";
}

TEST(Settings, MistakesInTheFileAreSaidWithTheirLineAndRemedy) {
  const struct {
    const char* text;
    const char* says;
  } kCases[] = {
      {"\nrelayy = \"a\"", "/c.toml, line 2: there is no setting \"relayy\"; did you mean relay?"},
      {"zzzzz = 1", "there is no setting \"zzzzz\"; parley config --help has them all"},
      {"relay = a.example", "/c.toml, line 1: the value a.example is not in quotes; write \"a.example\""},
      {"relay = [\"a\", \"b\"]", "relay takes one value"},
      {"relay = \"https://a.example/\"", "relay: bad relay \"https://a.example/\": "},
      {"relay = \"\"", "the host is missing"},
      {"[relay]", "sections are not used"},
      {"pin = \"x\"", "pin: bad pin"},
      {"name = \"a\"\nca = \"/ca\"", "/c.toml, line 2: ca belongs to a relay, and the file names none"},
      {"into = \"Downloads\"", "into: a path must begin with / or ~/"},
      {"bell = \"loud\"", "\"loud\" is none of never, idle and always"},
      {"qr = \"yes\"", "\"yes\" is neither true nor false"},
      {"wait = \"soon\"", "wait: \"soon\""},
      {"name = \"0123456789012345678901234567890123456789012345678901234567890123+\"", "at most 64 bytes"},
      {"name = \"a\"\nname = \"b\"", "name is there twice"},
  };
  for (const auto& c : kCases) {
    const auto settings = read_settings(c.text);
    ASSERT_FALSE(settings) << c.text;
    EXPECT_THAT(settings.error(), HasSubstr(c.says)) << c.text;
    EXPECT_EQ(settings.error().find('\n'), std::string::npos);
  }
}

TEST(Settings, NothingOfTheEnvironmentIsLookedAtBeforeItIsUsed) {
  EXPECT_TRUE(read_settings("", {{"PARLEY_PIN", "nonsense"}, {"PARLEY_BELL", "loud"}}));
}

TEST(RelayText, SaysWhatToWriteInPlaceOfAnAddressOfTheWeb) {
  for (const auto& [text, remedy] : std::map<std::string, std::string>{
           {"https://relay.example/", "write relay.example"},
           {"http://relay.example:10443/x?y", "write relay.example:10443"},
           {"tls://[::1]:10443", "write [::1]:10443"},
           {"ann@relay.example", "write relay.example"},
           {"relay.example/", "write relay.example"},
           {"parley://relay.example/x", "that is an invite; give the host that it names"},
           {"relay example", "write HOST, HOST:PORT or [IPV6]:PORT"},
       }) {
    const auto relay = read_relay_text(text);
    ASSERT_FALSE(relay) << text;
    EXPECT_THAT(relay.error(), testing::EndsWith(remedy)) << text;
  }
  EXPECT_EQ(read_relay_text("Relay.Example")->text(), "relay.example:10443");
}

}  // namespace
}  // namespace parley::client

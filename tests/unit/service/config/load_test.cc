#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/config.h"
#include "service/config/options.h"
#include "service/log/log.h"

namespace parley::config {
namespace {

using Arguments = std::vector<std::string>;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// Files that are only in memory.
Files files(std::map<std::string, std::string> texts) {
  const Files::Read read = [texts](const std::string& path) -> tl::expected<std::string, std::string> {
    const auto found = texts.find(path);
    if (found == texts.end()) return tl::make_unexpected(std::string("No such file; name one"));
    return found->second;
  };
  return {read, read};
}

Invocation must_load(const Arguments& arguments, const Environment& environment = {}, const std::string& file = {}) {
  const auto loaded = load(arguments, environment, files({{"parley.toml", file}, {"token", "0123456789abcdef"}}));
  EXPECT_TRUE(loaded) << loaded.error().message;
  return loaded ? *loaded : Invocation{};
}

std::string error_of(const Arguments& arguments, const Environment& environment = {}, const std::string& file = {}) {
  const auto loaded = load(arguments, environment, files({{"parley.toml", file}}));
  EXPECT_FALSE(loaded);
  return loaded ? "" : loaded.error().message;
}

Setting setting(const Invocation& invocation, std::string_view name) {
  for (const Setting& one : invocation.settings)
    if (one.name == name) return one;
  ADD_FAILURE() << name;
  return {};
}

TEST(ConfigLoad, TableAndStructsHaveTheSameDefaults) {
  const Invocation loaded = must_load({});
  const Config& a = loaded.config;
  const Config b;
  EXPECT_EQ(loaded.action, Action::serve);
  EXPECT_EQ(a.service.classic_listen, b.service.classic_listen);
  EXPECT_EQ(a.service.proxies, b.service.proxies);
  EXPECT_EQ(a.service.shards, b.service.shards);
  EXPECT_EQ(a.service.workers, b.service.workers);
  EXPECT_EQ(a.service.crypto_mb, b.service.crypto_mb);
  EXPECT_EQ(a.service.log_messages, b.service.log_messages);
  EXPECT_EQ(a.service.limits, b.service.limits);
  EXPECT_EQ(a.service.deadlines, b.service.deadlines);
  EXPECT_EQ(a.service.classic, b.service.classic);
  EXPECT_EQ(a.admin.listen, b.admin.listen);
  EXPECT_EQ(a.admin.token, b.admin.token);
  EXPECT_EQ(a.log.level, b.log.level);
  EXPECT_EQ(a.log.format, b.log.format);
  for (std::size_t i = 0; i < options().size(); ++i) {
    EXPECT_THAT(loaded.settings.at(i).values, ElementsAre(std::string(options()[i].standard)));
    EXPECT_EQ(to_string(loaded.settings[i].origin), "default");
  }
}

TEST(ConfigLoad, EveryOptionReachesItsPlace) {
  const Config config =
      must_load(
          {"--config", "parley.toml"}, {},
          "classic-listen = ['127.0.0.1:1', '[::1]:2']\nadmin-listen = 'none'\nproxy-protocol = ['10.0.0.0/8', "
          "'::1']\nshards = 3\nworkers = 4\n"
          "crypto-mb = 'off'\nclassic-keys = 'shared'\nclassic-key-bits = 3072\nclassic-key-pool = 5\n"
          "classic-key-lifetime = '2h'\nclassic-min-client-bits = 1024\nclassic-pace = 'never'\n"
          "max-connections = 100\nmax-connections-per-address = 'none'\nconnection-rate-per-address = 0.5\n"
          "max-rooms-per-address = 7\nmessage-rate-per-connection = 2.5\nbyte-rate-per-connection = '32K'\n"
          "buffer-limit = '1M'\nhandshake-timeout = '1s'\nwait-timeout = '2s'\nidle-timeout = 'none'\n"
          "write-timeout = '4s'\nresume-grace = '7s'\nrelay-listen = '127.0.0.1:3'\ncert = 'c.pem'\nkey = 'k.pem'\n"
          "relay-client-ca = 'ca.pem'\n"
          "access = 'token'\naccess-file = 'access'\ntoken-key-file = 'keys'\npin-file = 'pin'\ndrain-timeout = "
          "'5s'\ndrain-delay = "
          "'6s'\nadmin-token-file = 'token'\n"
          "log-level = 'warning'\nlog-format = 'json'\nlog-messages = true\n")
          .config;
  EXPECT_EQ(config.service.classic_listen, (std::vector<Endpoint>{{"127.0.0.1", 1}, {"::1", 2}}));
  EXPECT_EQ(config.service.relay_listen, (std::vector<Endpoint>{{"127.0.0.1", 3}}));
  EXPECT_EQ(config.service.relay,
            (RelaySettings{"c.pem", "k.pem", "", "ca.pem", RelayAccess::token, "access", "keys", "pin"}));
  EXPECT_TRUE(config.admin.listen.empty());
  EXPECT_EQ(config.service.proxies, (std::vector<Network>{{"10.0.0.0", 8}, {"::1", 128}}));
  EXPECT_EQ(config.service.shards, 3U);
  EXPECT_EQ(config.service.workers, 4U);
  EXPECT_EQ(config.service.crypto_mb, "off");
  using namespace std::chrono_literals;
  EXPECT_EQ(config.service.classic,
            (ClassicSettings{ClassicKeys::shared, 3072, 5, milliseconds{2h}, 1024, ClassicPace::never}));
  EXPECT_EQ(config.service.limits, (Limits{100, 0, 0.5, 7, 1 << 20, 2.5, 32 << 10}));
  EXPECT_EQ(config.service.deadlines, (Deadlines{1s, 2s, 0s, 4s, 5s, 6s, 7s}));
  EXPECT_EQ(config.admin.token, "0123456789abcdef");
  EXPECT_EQ(config.log.level, "warning");
  EXPECT_EQ(config.log.format, LogFormat::json);
  EXPECT_TRUE(config.service.log_messages);
}

TEST(ConfigLoad, RelayNeedsItsCertificateOnlyWhenAskedFor) {
  const Config bare = must_load({}).config;
  EXPECT_TRUE(bare.service.relay_listen.empty());
  EXPECT_TRUE(bare.service.relay_without_certificate);
  const Config on = must_load({"--self-signed", "keys"}).config;
  EXPECT_EQ(on.service.relay_listen, (std::vector<Endpoint>{{"127.0.0.1", 10443}}));
  EXPECT_FALSE(on.service.relay_without_certificate);
  EXPECT_FALSE(must_load({"--relay-listen", "none"}).config.service.relay_without_certificate);
}

TEST(ConfigLoad, CommandLineBeforeEnvironmentBeforeFile) {
  const std::string file = "shards = 1\nworkers = 1\n\nlog-level = 'debug'\nclassic-listen = ['127.0.0.1:1']\n";
  const Invocation loaded =
      must_load({"--config", "parley.toml", "--shards=3"},
                {{"PARLEY_SHARDS", "2"}, {"PARLEY_WORKERS", "2"}, {"PARLEY_DRAIN_DELAY", ""}}, file);
  EXPECT_EQ(loaded.config.service.shards, 3U);
  EXPECT_EQ(loaded.config.service.workers, 2U);
  EXPECT_EQ(loaded.config.log.level, "debug");
  EXPECT_EQ(to_string(setting(loaded, "shards").origin), "command line --shards");
  EXPECT_EQ(to_string(setting(loaded, "workers").origin), "environment PARLEY_WORKERS");
  EXPECT_EQ(to_string(setting(loaded, "log-level").origin), "parley.toml:4");
  EXPECT_EQ(to_string(setting(loaded, "drain-delay").origin), "default");
}

TEST(ConfigLoad, OtherDefaultsAreWeakerThanAFile) {
  const Environment environment{{"PARLEY_DEFAULTS", "image.toml"}, {"PARLEY_CONFIG", "parley.toml"}};
  const auto loaded = load({}, environment,
                           files({{"image.toml", "classic-listen = '*:10000'\nshards = 3\n"},
                                  {"parley.toml", "classic-listen = '127.0.0.1:1'\n"}}));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(to_string(setting(*loaded, "classic-listen").origin), "parley.toml:1");
  EXPECT_EQ(to_string(setting(*loaded, "shards").origin), "image.toml:2");
  EXPECT_THAT(loaded->overruled, IsEmpty());
  EXPECT_EQ(loaded->file->path, "parley.toml");
}

TEST(ConfigLoad, OtherDefaultsSayWhereTheAdminEndpointIs) {
  const Files both = files({{"image.toml", "admin-listen = '*:1'\n"}, {"parley.toml", "admin-listen = '*:2'\n"}});
  const auto port = [&](const Environment& environment) {
    const auto loaded = load({"healthcheck"}, environment, both);
    return loaded ? loaded->config.admin.listen.at(0).port : 0;
  };
  EXPECT_EQ(port({{"PARLEY_DEFAULTS", "image.toml"}}), 1);
  EXPECT_EQ(port({{"PARLEY_DEFAULTS", "image.toml"}, {"PARLEY_CONFIG", "parley.toml"}}), 2);
}

TEST(ConfigLoad, OtherDefaultsThatCannotBeReadAreAMistake) {
  EXPECT_THAT(error_of({}, {{"PARLEY_DEFAULTS", "gone.toml"}}),
              StartsWith("gone.toml (environment PARLEY_DEFAULTS): No such file"));
  EXPECT_THAT(error_of({}, {{"PARLEY_DEFAULTS", "parley.toml"}}, "shard = 1\n"), StartsWith("parley.toml:1: shard"));
  EXPECT_THAT(error_of({}, {{"PARLEY_DEFAULT", "parley.toml"}}), HasSubstr("did you mean PARLEY_DEFAULTS?"));
}

TEST(ConfigLoad, WhatIsGivenAndDoesNotCountIsNamed) {
  const Invocation loaded = must_load({"--config", "parley.toml", "--shards=3", "--workers=2"},
                                      {{"PARLEY_SHARDS", "2"}, {"PARLEY_WORKERS", "2"}, {"PARLEY_LOG_LEVEL", "error"}},
                                      "shards = 1\nlog-level = 'debug'\nworkers = 2\n");
  std::vector<std::string> said;
  for (const Overruled& one : loaded.overruled)
    said.push_back(std::string(one.name) + ": " + to_string(one.given) + " by " + to_string(one.by));
  EXPECT_THAT(said, UnorderedElementsAre("shards: parley.toml:1 by environment PARLEY_SHARDS",
                                         "shards: environment PARLEY_SHARDS by command line --shards",
                                         "log-level: parley.toml:2 by environment PARLEY_LOG_LEVEL"))
      << "workers are the same everywhere";
}

TEST(ConfigLoad, OtherDefaultsAreThereToBeOverruled) {
  EXPECT_THAT(must_load({"--shards=3"}, {{"PARLEY_DEFAULTS", "parley.toml"}, {"PARLEY_LOG_LEVEL", "error"}},
                        "shards = 1\nlog-level = 'debug'\n")
                  .overruled,
              IsEmpty());
}

TEST(ConfigLoad, AStrongerPlaceReplacesAListWhole) {
  const Invocation loaded = must_load({"--classic-listen", "[::1]:7", "--classic-listen=127.0.0.1:8"},
                                      {{"PARLEY_CONFIG", "parley.toml"}, {"PARLEY_ADMIN_LISTEN", "*:1,[::]:1"}},
                                      "classic-listen = ['127.0.0.1:1']\n");
  EXPECT_THAT(setting(loaded, "classic-listen").values, ElementsAre("[::1]:7", "127.0.0.1:8"));
  EXPECT_THAT(setting(loaded, "admin-listen").values, ElementsAre("*:1", "[::]:1"));
}

TEST(ConfigLoad, OptionsThatTakeOneValueTakeTheLast) {
  EXPECT_EQ(must_load({"--shards", "1", "--shards", "2"}).config.service.shards, 2U);
  EXPECT_EQ(must_load({"--config", "missing", "--config", "parley.toml"}).action, Action::serve);
}

TEST(ConfigLoad, ModesAreActions) {
  EXPECT_EQ(must_load({"healthcheck", "--admin-listen", "127.0.0.1:9"}).action, Action::healthcheck);
  EXPECT_EQ(must_load({"--admin-listen", "127.0.0.1:9", "healthcheck"}).config.admin.listen.at(0).port, 9);
  EXPECT_EQ(must_load({"--print-config"}).action, Action::print_config);
  EXPECT_EQ(must_load({"--check-config"}).action, Action::check_config);
  EXPECT_EQ(must_load({"--help", "--shards", "bad"}).action, Action::help);
  EXPECT_EQ(must_load({"-h"}).action, Action::help);
  EXPECT_FALSE(must_load({"--version"}).verbose);
  EXPECT_TRUE(must_load({"--version", "--verbose"}).verbose);
  EXPECT_FALSE(must_load({"--log-messages=false"}).config.service.log_messages);
  EXPECT_TRUE(must_load({"--log-messages"}).config.service.log_messages);
}

TEST(ConfigLoad, UnknownNamesSuggestTheNearest) {
  EXPECT_EQ(error_of({"--shard", "3"}), "--shard: no such option; did you mean --shards?");
  EXPECT_EQ(error_of({"--clasic-lisetn=:80"}), "--clasic-lisetn: no such option; did you mean --classic-listen?");
  EXPECT_EQ(error_of({"healthchek"}), "\"healthchek\": no such command; did you mean healthcheck?");
  EXPECT_EQ(error_of({"healthcheck", "--zzzzzz"}), "--zzzzzz: no such option; see parleyd --help");
  EXPECT_EQ(error_of({}, {{"PARLEY_SHARD", "3"}}),
            "environment PARLEY_SHARD: no such option; did you mean PARLEY_SHARDS?");
  EXPECT_EQ(error_of({"--config", "parley.toml"}, {}, "\nidle_timeout = '1s'"),
            "parley.toml:2: idle_timeout: no such option; did you mean idle-timeout?");
  EXPECT_THAT(error_of({"--config", "parley.toml"}, {}, "config = 'x'"), HasSubstr("no such option"));
}

TEST(ConfigLoad, BehindALongPathStandsWhatToDo) {
  EXPECT_THAT(error_of({"--config", std::string(4095, 'd')}), EndsWith(": No such file; name one"));
}

TEST(ConfigLoad, KubernetesServiceLinksAreNotOptions) {
  must_load({}, {{"PARLEY_SERVICE_HOST", "10.0.0.1"},
                 {"PARLEY_SERVICE_PORT", "10000"},
                 {"PARLEY_SERVICE_PORT_CLASSIC", "10000"},
                 {"PARLEY_PORT", "tcp://10.0.0.1:10000"},
                 {"PARLEY_PORT_10000_TCP", "tcp://10.0.0.1:10000"},
                 {"PARLEY_PORT_10000_TCP_ADDR", "10.0.0.1"},
                 {"PARLEY_ADMIN_PORT_8080_TCP_PROTO", "tcp"},
                 {"PARLEZ", "?"},
                 {"PATH", "/bin"}});
  EXPECT_THAT(error_of({}, {{"PARLEY_PORT", "10000"}}), StartsWith("environment PARLEY_PORT: no such option"));
  EXPECT_THAT(error_of({}, {{"PARLEY_PORT_X", "1"}}), StartsWith("environment PARLEY_PORT_X: no such option"));
}

TEST(ConfigLoad, TheClientsVariablesAreNotOptions) {
  must_load({}, {{"PARLEY_RELAY", "relay.example"},
                 {"PARLEY_CA", "ca.pem"},
                 {"PARLEY_PIN", "sha256:x"},
                 {"PARLEY_CLIENT_CERT", "own.pem"},
                 {"PARLEY_CLIENT_KEY", "own.key"},
                 {"PARLEY_ACCESS_TOKEN", "secret"}});
  EXPECT_THAT(error_of({}, {{"PARLEY_CLIENT", "1"}}), StartsWith("environment PARLEY_CLIENT: no such option"));
}

TEST(ConfigLoad, SomeClientMustBeAbleToConnect) {
  EXPECT_EQ(error_of({"--classic-listen", "none", "--relay-listen", "none", "--self-signed", "keys"}),
            "classic-listen, relay-listen: both are none, so that no client could connect; give one an address");
  EXPECT_THAT(error_of({"--classic-listen", "none"}), HasSubstr("relay/1 is off, so that no client could connect; "));
  EXPECT_TRUE(must_load({"--classic-listen", "none", "--self-signed", "keys"}).config.service.classic_listen.empty());
  EXPECT_EQ(must_load({"healthcheck", "--classic-listen", "none"}).action, Action::healthcheck);
}

TEST(ConfigLoad, AVerboseVersionKnowsTheOptions) {
  EXPECT_EQ(must_load({"--version", "--verbose", "--crypto-mb", "off"}).config.service.crypto_mb, "off");
  EXPECT_EQ(must_load({"--version", "--shards", "bad"}).action, Action::version);
  EXPECT_EQ(must_load({"--version", "--verbose", "--classic-listen", "none"}).action, Action::version);
}

TEST(ConfigLoad, ErrorsNameOptionValueOriginCauseAndRemedy) {
  EXPECT_EQ(error_of({"--classic-key-bits", "1024"}),
            "classic-key-bits \"1024\" (command line --classic-key-bits): there is no such choice; give 2048, 3072 or "
            "4096");
  EXPECT_EQ(error_of({}, {{"PARLEY_BUFFER_LIMIT", "1K"}}),
            "buffer-limit \"1K\" (environment PARLEY_BUFFER_LIMIT): it is too small; give 4K to 64M, as in 65536, 64K "
            "or 1M");
  EXPECT_EQ(error_of({"--config", "parley.toml"}, {}, "# x\nshards = 1025"),
            "shards \"1025\" (parley.toml:2): it is too large; give 1 to 1024, or auto");
  EXPECT_EQ(error_of({"--config", "parley.toml"}, {}, "shards = [1, 2]"),
            "parley.toml:1: shards: it takes one value; write it without [ ]");
  EXPECT_EQ(error_of({"--config", "parley.toml"}, {}, "proxy-protocol = []"),
            "parley.toml:1: proxy-protocol: the list is empty; write \"none\"");
  EXPECT_EQ(error_of({"--config", "parley.toml"}, {}, "idle-timeout = 10m"),
            "parley.toml:1: the value 10m is not in quotes; write \"10m\"");
  EXPECT_EQ(error_of({"--config", "gone.toml"}), "gone.toml (command line --config): No such file; name one");
  EXPECT_EQ(error_of({"--admin-token-file", "gone"}),
            "admin-token-file \"gone\" (command line --admin-token-file): No such file; name one");
  EXPECT_THAT(error_of({"--crypto-mb", "atuo"}), HasSubstr("give auto, off or a path"));
  EXPECT_THAT(error_of({"--admin-listen", "127.0.0.1:10000"}), HasSubstr("give each a port of its own"));
  EXPECT_THAT(error_of({"--verbose"}), HasSubstr("--version only"));
}

TEST(ConfigLoad, MistakesOnTheCommandLineAreErrors) {
  for (const Arguments& arguments : {Arguments{"--shards"},
                                     {"--shards="},
                                     {"--shards", "-1"},
                                     {"--log-messages=maybe"},
                                     {"--print-config=false"},
                                     {"--shards", "2", "3"},
                                     {""},
                                     {"--", "x"},
                                     {"-x"},
                                     {"---"},
                                     {"--config"},
                                     {"[::1]:6"},
                                     {"--classic-listen", ""},
                                     {"--crypto-mb", "lib"},
                                     {"--log-level", "INFO"},
                                     {"--classic-keys", "none"},
                                     {"--drain-delay", "1"}})
    EXPECT_FALSE(error_of(arguments).empty()) << testing::PrintToString(arguments);
}

TEST(ConfigLoad, AnErrorIsOneLineWhateverTheValueHolds) {
  for (const std::string& message :
       {error_of({"--log-level", "a\nb\x1b[31m"}), error_of({"--x\ny"}), error_of({}, {{"PARLEY_X\nY", "1"}}),
        error_of({"--config", "a\nb"}), error_of({std::string(100'000, 'x')})}) {
    EXPECT_EQ(message.find_first_of("\n\r\x1b"), std::string::npos) << message;
    EXPECT_LT(message.size(), 400U);
  }
}

TEST(ConfigLoad, EveryLogLevelOfTheLogIsTaken) {
  for (const std::string_view level : kLogLevelNames)
    EXPECT_EQ(must_load({"--log-level", std::string(level)}).config.log.level, level);
}

TEST(ConfigLoad, HealthcheckDoesNotNeedTheToken) {
  EXPECT_EQ(must_load({"healthcheck", "--admin-token-file", "gone"}).config.admin.token, std::nullopt);
}

TEST(ConfigPrint, ShowsWhereEachValueCameFromAndNoToken) {
  const std::string text = print_config(must_load({"--admin-token-file", "token", "--config", "parley.toml"},
                                                  {{"PARLEY_SHARDS", "2"}}, "classic-listen = ['*:1', '[::]:1']")
                                            .settings);
  EXPECT_THAT(text, HasSubstr("classic-listen = [\"*:1\", \"[::]:1\"]    # parley.toml:1\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\nshards = 2 +# environment PARLEY_SHARDS\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\nlog-messages = false +# default\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\nadmin-token-file = \"token\" +# command line"));
  EXPECT_THAT(text, testing::Not(HasSubstr("0123456789abcdef")));
}

TEST(ConfigPrint, IsAFileThatGivesTheSameConfiguration) {
  const Invocation first = must_load({"--classic-listen=none", "--self-signed=keys", "--idle-timeout=90s",
                                      "--crypto-mb=/a \"b\"\\\n#.so", "--shards=7", "--max-connections-per-address=0",
                                      "--connection-rate-per-address=0.25", "--log-messages"});
  const Invocation second = must_load({"--config", "parley.toml"}, {}, print_config(first.settings));
  const ReloadDiff diff = compare(first, second);
  EXPECT_THAT(diff.applied, testing::IsEmpty());
  EXPECT_THAT(diff.needs_restart, testing::IsEmpty());
  EXPECT_EQ(second.config.service.crypto_mb, "/a \"b\"\\\n#.so");
  EXPECT_EQ(second.config.service.limits, first.config.service.limits);
}

TEST(ConfigReload, SplitsWhatChangedByWhetherItAppliesAtOnce) {
  const Invocation running = must_load({"--idle-timeout", "60s"});
  const ReloadDiff diff = compare(running, must_load({"--idle-timeout", "1m", "--write-timeout", "1s", "--log-level",
                                                      "debug", "--shards", "2", "--max-connections", "9"}));
  EXPECT_THAT(diff.applied, ElementsAre("max-connections", "write-timeout", "log-level"));
  EXPECT_THAT(diff.needs_restart, ElementsAre("shards"));
}

TEST(ConfigReload, AdoptsWhatAppliesAtOnceAndNamesTheRestAgain) {
  Invocation running = must_load({"--idle-timeout", "60s"});
  const Invocation loaded =
      must_load({}, {{"PARLEY_IDLE_TIMEOUT", "none"}, {"PARLEY_CLASSIC_PACE", "never"}, {"PARLEY_SHARDS", "2"}});
  EXPECT_THAT(compare(running, loaded).applied, ElementsAre("classic-pace", "idle-timeout"));
  adopt(running, loaded);
  EXPECT_EQ(running.config.service.deadlines.idle, milliseconds{0});
  EXPECT_EQ(running.config.service.classic.pace, ClassicPace::never);
  EXPECT_EQ(running.config.service.shards, 0U);
  EXPECT_EQ(to_string(setting(running, "idle-timeout").origin), "environment PARLEY_IDLE_TIMEOUT");
  const ReloadDiff again = compare(running, loaded);
  EXPECT_THAT(again.applied, testing::IsEmpty());
  EXPECT_THAT(again.needs_restart, ElementsAre("shards"));
}

TEST(ConfigReload, NoticesANewTokenInTheSameFile) {
  const Arguments arguments{"--admin-token-file", "token"};
  const auto before = load(arguments, {}, files({{"token", "0123456789abcdef"}}));
  const auto after = load(arguments, {}, files({{"token", "fedcba9876543210"}}));
  EXPECT_THAT(compare(*before, *after).applied, ElementsAre("admin-token-file"));
  Invocation running = *before;
  adopt(running, *after);
  EXPECT_EQ(running.config.admin.token, "fedcba9876543210");
}

TEST(ConfigLoad, AReloadRefusesAFileThatHasBecomeEmpty) {
  const Arguments arguments{"--config", "parley.toml"};
  const auto with = [](const char* text) { return files({{"parley.toml", text}}); };
  const Invocation running = must_load(arguments, {}, "shards = 1\n");
  for (const char* empty : {"", "\n", " \t\r\n"}) {
    const auto loaded = load_again(running, arguments, {}, with(empty));
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, StartsWith("parley.toml: it has become empty; "));
  }
  const auto commented = load_again(running, arguments, {}, with("# nothing\n"));
  EXPECT_TRUE(commented);
  EXPECT_TRUE(load_again(must_load(arguments), arguments, {}, with("")));
  EXPECT_TRUE(load_again(must_load({}), {}, {}, with("")));
}

}  // namespace
}  // namespace parley::config

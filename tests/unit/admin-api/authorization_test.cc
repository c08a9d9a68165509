#include "admin-api/authorization.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

const Endpoint kLoopback{"127.0.0.1", 8080};
const Endpoint kEverywhere{"0.0.0.0", 8080};
const std::string kSecret = "s3cret";
const std::string kEmpty;
const std::string* const kToken = &kSecret;

TEST(Authorization, TokenIsWantedWhereOneIsSet) {
  struct Case {
    std::vector<std::string> authorization;
    Access expected;
  };
  const Case cases[] = {
      {{}, Access::unauthorized},
      {{"Bearer s3cret"}, Access::allowed},
      {{"bearer   s3cret"}, Access::allowed},
      {{"BEARER s3cret"}, Access::allowed},
      {{"Bearer s3cret "}, Access::unauthorized},
      {{"Bearer s3cre"}, Access::unauthorized},
      {{"Bearer s3crets"}, Access::unauthorized},
      {{"Bearer S3CRET"}, Access::unauthorized},
      {{"Bearers3cret"}, Access::unauthorized},
      {{"Bearer"}, Access::unauthorized},
      {{"Bearer "}, Access::unauthorized},
      {{"Basic s3cret"}, Access::unauthorized},
      {{"s3cret"}, Access::unauthorized},
      {{""}, Access::unauthorized},
      {{"Bearer s3cret", "Bearer s3cret"}, Access::unauthorized},
  };
  for (const Case& c : cases) {
    for (const Endpoint& listener : {kLoopback, kEverywhere}) {
      EXPECT_EQ(authorize(kToken, listener, c.authorization, {"localhost"}).access, c.expected)
          << testing::PrintToString(c.authorization);
    }
  }
}

TEST(Authorization, TokenServesAnyHost) {
  EXPECT_EQ(authorize(kToken, kEverywhere, {"Bearer s3cret"}, {"relay.example"}).access, Access::allowed);
  EXPECT_EQ(authorize(kToken, kEverywhere, {"Bearer s3cret"}, {}).access, Access::allowed);
}

TEST(Authorization, EmptyTokenLetsNobodyIn) {
  for (const std::string header : {"Bearer ", "Bearer", "Bearer x"}) {
    EXPECT_EQ(authorize(&kEmpty, kLoopback, {header}, {"localhost"}).access, Access::unauthorized) << header;
  }
}

TEST(Authorization, WithoutATokenOnlyLoopbackListenersAnswer) {
  for (const std::string address : {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(authorize({}, {address, 8080}, {}, {"localhost"}).access, Access::allowed) << address;
  }
  for (const std::string address : {"0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1", "128.0.0.1", "", "localhost"}) {
    EXPECT_EQ(authorize({}, {address, 8080}, {}, {"localhost"}).access, Access::forbidden) << address;
  }
}

TEST(Authorization, HostMustNameLoopback) {
  for (const std::string host :
       {"localhost", "LocalHost", "localhost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:65535", "localhost:"}) {
    EXPECT_TRUE(names_loopback(host)) << host;
  }
  for (const std::string host : {"", "localhost.example", "localhost:8080.example", "localhost:123456", "localhost:80a",
                                 "127.0.0.1.example", "127.0.0.2", "::1", "[::1", "[::1]x", "evil.example",
                                 " localhost", "localhost ", "localhost@evil.example", "locahost"}) {
    EXPECT_FALSE(names_loopback(host)) << host;
    EXPECT_EQ(authorize({}, kLoopback, {}, {host}).access, Access::forbidden) << host;
  }
  EXPECT_EQ(authorize({}, kLoopback, {}, {}).access, Access::forbidden);
  EXPECT_EQ(authorize({}, kLoopback, {}, {"localhost", "localhost"}).access, Access::forbidden);
}

TEST(Authorization, ASocketStandsForTheTokenAndNotForTheHost) {
  const Endpoint socket{"unix:/run/parleyd/admin.sock", 0};
  EXPECT_EQ(authorize(kToken, socket, {}, {"localhost"}).access, Access::allowed);
  EXPECT_EQ(authorize({}, socket, {}, {"localhost:8080"}).access, Access::allowed);
  // By way of `ssh -L 8080:/run/parleyd/admin.sock`, say.
  EXPECT_EQ(authorize({}, socket, {}, {"evil.example:8080"}).access, Access::forbidden);
  EXPECT_EQ(authorize(kToken, socket, {}, {}).access, Access::forbidden);
}

TEST(Authorization, RefusalsSayWhy) {
  EXPECT_FALSE(authorize(kToken, kLoopback, {}, {}).detail.empty());
  EXPECT_NE(authorize({}, kEverywhere, {}, {"localhost"}).detail.find("--admin-token-file"), std::string_view::npos);
  EXPECT_NE(authorize({}, kLoopback, {}, {"evil.example"}).detail.find("Host"), std::string_view::npos);
}

}  // namespace
}  // namespace parley

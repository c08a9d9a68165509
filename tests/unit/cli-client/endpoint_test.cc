#include "endpoint.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

struct Case {
  const char* text;
  const char* host;
  std::uint16_t port;
};

TEST(Endpoint, IsRead) {
  for (const Case& c :
       {Case{"localhost", "localhost", 10000}, Case{"relay.example.org:80", "relay.example.org", 80},
        Case{"127.0.0.1:65535", "127.0.0.1", 65535}, Case{"[::1]", "::1", 10000}, Case{"[::1]:1", "::1", 1},
        Case{"::1", "::1", 10000}, Case{"fe80::1%lo", "fe80::1%lo", 10000}}) {
    const auto endpoint = parse_endpoint(c.text, 10000);
    ASSERT_TRUE(endpoint) << c.text;
    EXPECT_EQ(endpoint->host, c.host);
    EXPECT_EQ(endpoint->port, c.port);
  }
}

TEST(Endpoint, MistakesAreNamed) {
  for (const char* text :
       {"", ":1", "[]:1", "[::1", "[::1]x", "[::1]:", "h:", "h:0", "h:65536", "h:1x", "h:-1", "h: 1"}) {
    const auto endpoint = parse_endpoint(text, 10000);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_FALSE(endpoint.error().empty());
  }
}

TEST(Endpoint, IsWrittenAsItIsRead) {
  for (const char* text : {"localhost:10000", "[::1]:80"}) EXPECT_EQ(parse_endpoint(text, 1)->text(), text);
}

}  // namespace
}  // namespace parley::client

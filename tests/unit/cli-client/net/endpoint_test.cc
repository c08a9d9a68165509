#include "cli-client/net/endpoint.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

struct EndpointCase {
  const char* text;
  const char* host;
  std::uint16_t port;
};

TEST(Endpoint, IsRead) {
  for (const EndpointCase& c :
       {EndpointCase{"localhost", "localhost", 10000}, EndpointCase{"relay.example.org:80", "relay.example.org", 80},
        EndpointCase{"127.0.0.1:65535", "127.0.0.1", 65535}, EndpointCase{"[::1]", "::1", 10000},
        EndpointCase{"[::1]:1", "::1", 1}, EndpointCase{"::1", "::1", 10000},
        EndpointCase{"fe80::1%lo", "fe80::1%lo", 10000}}) {
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

#include "cli-client/net/endpoint.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

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
        EndpointCase{"fe80::1%lo", "fe80::1%lo", 10000}, EndpointCase{"[fe80::1%lo]:1", "fe80::1%lo", 1}}) {
    const auto endpoint = parse_endpoint(c.text, 10000);
    ASSERT_TRUE(endpoint) << c.text;
    EXPECT_EQ(endpoint->host, c.host);
    EXPECT_EQ(endpoint->port, c.port);
  }
}

TEST(Endpoint, MistakesAreNamed) {
  for (const char* text : {"",
                           ".",
                           ":1",
                           "[]:1",
                           "[relay.example]",
                           "1:2:3",
                           "fe80::1%",
                           "fe80::1%a b",
                           "a..b",
                           ".a",
                           "a/b",
                           "a b",
                           "☕.example",
                           "-ü.example",
                           "a\xff.example",
                           "\u202eü.example",
                           "ü..example",
                           "ü example",
                           "somebody@relay.example",
                           "https://relay.example",
                           "[::1",
                           "[::1]x",
                           "[::1]:",
                           "h:",
                           "h:0",
                           "h:65536",
                           "h:1x",
                           "h:-1",
                           "h: 1"}) {
    const auto endpoint = parse_endpoint(text, 10000);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_FALSE(endpoint.error().empty());
  }
}

TEST(Endpoint, HasOneFormHoweverItIsWritten) {
  for (const auto& [written, form] :
       std::vector<std::pair<const char*, const char*>>{{"Relay.EXAMPLE", "relay.example:1"},
                                                        {"relay.example.", "relay.example:1"},
                                                        {"RELAY.example.:80", "relay.example:80"},
                                                        {"[2001:DB8:0:0::1]:80", "[2001:db8::1]:80"},
                                                        {"FE80::1%Wlan0", "[fe80::1%Wlan0]:1"},
                                                        {"127.1", "127.0.0.1:1"},
                                                        {"a_b-c.example", "a_b-c.example:1"},
                                                        {"bad.cafe", "bad.cafe:1"},
                                                        {"bücher.example", "xn--bcher-kva.example:1"},
                                                        {"BÜCHER。Example。:80", "xn--bcher-kva.example:80"},
                                                        {"XN--bcher-KVA.example", "xn--bcher-kva.example:1"},
                                                        {"faß.example", "xn--fa-hia.example:1"},
                                                        {"１２７.0.0.1", "127.0.0.1:1"}}) {
    const auto endpoint = parse_endpoint(written, 1);
    ASSERT_TRUE(endpoint) << written << ": " << endpoint.error();
    EXPECT_EQ(endpoint->text(), form);
  }
}

TEST(Endpoint, DnsAndTlsHaveTheirOwnForms) {
  const auto name = parse_endpoint("Relay.Example.", 1);
  EXPECT_EQ(name->dns_name(), "relay.example.") << "the search list is not asked";
  EXPECT_EQ(name->tls_name(), "relay.example");
  EXPECT_FALSE(name->is_address());
  EXPECT_EQ(parse_endpoint("relay.example", 1)->dns_name(), "relay.example");
  const auto address = parse_endpoint("fe80::1%lo", 1);
  EXPECT_EQ(address->dns_name(), "fe80::1%lo");
  EXPECT_EQ(address->tls_name(), "fe80::1");
  EXPECT_TRUE(address->is_address());
  EXPECT_TRUE(parse_endpoint("127.0.0.1", 1)->is_address());
}

TEST(Endpoint, NamesAreBounded) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  EXPECT_TRUE(parse_endpoint(longest, 1));
  EXPECT_TRUE(parse_endpoint(longest + ".", 1));
  EXPECT_FALSE(parse_endpoint(longest + "a", 1));
  EXPECT_FALSE(parse_endpoint(label + "a.example", 1));
}

TEST(Endpoint, IsWrittenAsItIsRead) {
  for (const char* text : {"localhost:10000", "[::1]:80"}) EXPECT_EQ(parse_endpoint(text, 1)->text(), text);
}

}  // namespace
}  // namespace parley::client

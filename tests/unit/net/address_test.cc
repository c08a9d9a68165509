#include "net/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace parley {
namespace {

sockaddr_storage v4(const char* address, std::uint16_t port) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &v4.sin_addr);
  return storage;
}

sockaddr_storage v6(const char* address, std::uint16_t port) {
  sockaddr_storage storage{};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  ::inet_pton(AF_INET6, address, &v6.sin6_addr);
  return storage;
}

TEST(Address, IsShownWithItsPort) {
  EXPECT_EQ(to_string(to_endpoint(v4("192.0.2.7", 50000))), "192.0.2.7:50000");
  EXPECT_EQ(to_string(to_endpoint(v6("2001:db8::1", 443))), "[2001:db8::1]:443");
  EXPECT_EQ(to_string(to_endpoint(v6("::ffff:192.0.2.7", 1))), "192.0.2.7:1");
}

TEST(Address, IsCountedByCustomer) {
  EXPECT_EQ(address_key(v4("192.0.2.7", 1)), "192.0.2.7");
  EXPECT_EQ(address_key(v6("::ffff:192.0.2.7", 1)), "192.0.2.7");
  EXPECT_EQ(address_key(v6("2001:db8:1:2:3:4:5:6", 1)), address_key(v6("2001:db8:1:2::9", 2)));
  EXPECT_NE(address_key(v6("2001:db8:1:2::1", 1)), address_key(v6("2001:db8:1:3::1", 1)));
}

}  // namespace
}  // namespace parley

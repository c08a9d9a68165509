#include "service/net/address.h"

#include <gtest/gtest.h>

#include "tests/unit/service/net/socket_address.h"

namespace parley {
namespace {

using test::v4, test::v6;

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

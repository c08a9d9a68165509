#include "service/access/network_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/service/net/socket_address.h"

namespace parley {
namespace {

using test::v4, test::v6;

TEST(NetworkList, HoldsWhatHasThePrefix) {
  const NetworkList list({{"10.0.0.0", 8}, {"192.0.2.16", 28}, {"192.0.2.99", 32}, {"2001:db8::", 33}, {"::1", 128}});
  for (const char* address : {"10.0.0.0", "10.255.255.255", "192.0.2.16", "192.0.2.31", "192.0.2.99"}) {
    EXPECT_TRUE(list.contains(v4(address))) << address;
    EXPECT_TRUE(list.contains(v6(("::ffff:" + std::string(address)).c_str()))) << address;
  }
  for (const char* address : {"9.255.255.255", "11.0.0.0", "192.0.2.15", "192.0.2.32", "192.0.2.98", "0.0.0.1"})
    EXPECT_FALSE(list.contains(v4(address))) << address;
  for (const char* address : {"2001:db8::", "2001:db8:7fff:ffff::1", "::1"}) EXPECT_TRUE(list.contains(v6(address)));
  for (const char* address : {"2001:db8:8000::", "2001:db7::", "::", "::2", "::10.0.0.1"})
    EXPECT_FALSE(list.contains(v6(address))) << address;
}

TEST(NetworkList, NoneHoldsNobodyAndAllHoldsAll) {
  EXPECT_FALSE(NetworkList().contains(v4("127.0.0.1")));
  EXPECT_FALSE(NetworkList(std::vector<Network>{}).contains(v6("::")));
  const NetworkList all_v4({{"0.0.0.0", 0}});
  EXPECT_TRUE(all_v4.contains(v4("203.0.113.9")));
  EXPECT_TRUE(all_v4.contains(v6("::ffff:203.0.113.9")));
  EXPECT_FALSE(all_v4.contains(v6("2001:db8::1")));
  EXPECT_TRUE(NetworkList({{"::", 0}}).contains(v6("2001:db8::1")));
}

}  // namespace
}  // namespace parley

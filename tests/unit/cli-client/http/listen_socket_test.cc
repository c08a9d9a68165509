#include "cli-client/http/listen_socket.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

TEST(ListenAddress, APortAloneIsOfThisMachineOnly) {
  EXPECT_EQ(parse_listen_address("9100")->text(), "127.0.0.1:9100");
  EXPECT_EQ(parse_listen_address("0.0.0.0:9100")->text(), "0.0.0.0:9100");
  EXPECT_EQ(parse_listen_address("[::1]:9100")->text(), "[::1]:9100");
}

TEST(ListenAddress, WhatIsNoneSaysHowToWriteIt) {
  for (const char* text : {"", "0", "65536", ":9100", "127.0.0.1", "relay.example:9100", "::1", "9100x", "-1"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text << " is " << address->text();
    EXPECT_NE(address.error().find("write PORT"), std::string::npos) << address.error();
  }
}

}  // namespace
}  // namespace parley::client

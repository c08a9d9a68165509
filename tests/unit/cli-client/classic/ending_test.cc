#include "cli-client/classic/ending.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

TEST(Ending, StatusTellsWhoseDoingItWas) {
  const auto status = [](Ending ending) { return report(ending, "relay:1", 512).status; };
  EXPECT_EQ(status(Ending::left), ExitStatus::done);
  EXPECT_EQ(status(Ending::other_left), ExitStatus::done);
  EXPECT_EQ(status(Ending::unsent), ExitStatus::failed);
  EXPECT_EQ(status(Ending::nobody_came), ExitStatus::failed);
  EXPECT_EQ(status(Ending::reset), ExitStatus::failed);
  EXPECT_EQ(status(Ending::no_key), ExitStatus::no_connection);
  EXPECT_EQ(status(Ending::not_a_relay), ExitStatus::no_connection);
  EXPECT_EQ(status(Ending::closed_before_key), ExitStatus::refused);
  EXPECT_EQ(status(Ending::closed_after_key), ExitStatus::refused);
}

TEST(Ending, APortForTlsIsTold) {
  for (const Ending ending : {Ending::no_key, Ending::not_a_relay, Ending::closed_before_key}) {
    EXPECT_NE(report(ending, "relay:10443", 2048).text.find("parley chat"), std::string::npos);
    EXPECT_EQ(report(ending, "relay:10000", 2048).text.find("parley chat"), std::string::npos);
  }
  EXPECT_NE(report(Ending::speaks_tls, "relay:7", 2048).text.find("relay:7 speaks TLS"), std::string::npos);
}

TEST(Ending, RefusalNamesTheRelayAndTheKey) {
  const std::string text = report(Ending::closed_after_key, "relay:1", 512).text;
  EXPECT_NE(text.find("relay:1"), std::string::npos);
  EXPECT_NE(text.find("512 bits"), std::string::npos);
}

}  // namespace
}  // namespace parley::client

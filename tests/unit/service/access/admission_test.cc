#include "service/access/admission.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/fake_clock.h"

namespace parley {
namespace {

using namespace std::chrono_literals;

class AdmissionTest : public ::testing::Test {
 protected:
  tl::expected<Admission::Place, Refusal> admit(const std::string& address) {
    return admission_.admit(address, clock_.now(), Protocol::classic);
  }

  test::FakeClock clock_;
  Admission admission_{{.max_connections = 5, .max_connections_per_address = 3, .connection_rate_per_address = 2}};
};

TEST_F(AdmissionTest, CountsUntilThePlaceIsGone) {
  {
    const auto place = admit("a");
    ASSERT_TRUE(place);
    EXPECT_EQ(admission_.connections(), 1u);
  }
  EXPECT_EQ(admission_.connections(), 0u);
}

TEST_F(AdmissionTest, LimitsOneAddressAndNotAnother) {
  std::vector<Admission::Place> places;
  for (int i = 0; i < 3; ++i) places.push_back(std::move(*admit("a")));
  EXPECT_EQ(admit("a").error(), Refusal::address_limit);
  EXPECT_TRUE(admit("b"));
  places.pop_back();
  EXPECT_TRUE(admit("a"));
}

TEST_F(AdmissionTest, LimitsAll) {
  std::vector<Admission::Place> places;
  for (const char* address : {"a", "b", "c", "d", "e"}) places.push_back(std::move(*admit(address)));
  EXPECT_EQ(admit("f").error(), Refusal::overloaded);
  places.clear();
  EXPECT_TRUE(admit("f"));
}

TEST_F(AdmissionTest, LimitsTheRateOfOneAddress) {
  const int burst = static_cast<int>(2 * Admission::kBurstSeconds);
  for (int i = 0; i < burst; ++i) ASSERT_TRUE(admit("a")) << i;
  EXPECT_EQ(admit("a").error(), Refusal::rate_limited);
  EXPECT_TRUE(admit("b"));
  clock_.advance(500ms);
  EXPECT_TRUE(admit("a"));
  EXPECT_EQ(admit("a").error(), Refusal::rate_limited);
}

TEST_F(AdmissionTest, ALongSilenceSavesUpNoMoreThanABurst) {
  ASSERT_TRUE(admit("a"));
  clock_.advance(1h);
  const int burst = static_cast<int>(2 * Admission::kBurstSeconds);
  for (int i = 0; i < burst; ++i) ASSERT_TRUE(admit("a")) << i;
  EXPECT_EQ(admit("a").error(), Refusal::rate_limited);
}

TEST_F(AdmissionTest, ZeroSwitchesALimitOff) {
  admission_.set_limits({.max_connections = 0, .max_connections_per_address = 0, .connection_rate_per_address = 0});
  std::vector<Admission::Place> places;
  for (int i = 0; i < 1000; ++i) {
    auto place = admit("a");
    ASSERT_TRUE(place) << i;
    places.push_back(std::move(*place));
  }
  EXPECT_EQ(admission_.connections(), 1000u);
}

TEST_F(AdmissionTest, WhoIsNotYetNamedIsLimitedWithAllOnly) {
  std::vector<Admission::Place> places;
  for (int i = 0; i < 5; ++i) places.push_back(std::move(*admission_.admit_unnamed(Protocol::relay)));
  EXPECT_EQ(admission_.admit_unnamed(Protocol::relay).error(), Refusal::overloaded);
  EXPECT_EQ(admit("a").error(), Refusal::overloaded);
  EXPECT_EQ(admission_.connections(Protocol::relay), 5u);
  places.pop_back();
  EXPECT_EQ(admission_.connections(), 4u);
  EXPECT_TRUE(admit("a"));
}

TEST_F(AdmissionTest, WhoIsNamedCountsForThatAddress) {
  std::vector<Admission::Place> places;
  for (int i = 0; i < 2; ++i) places.push_back(std::move(*admit("a")));
  Admission::Place third = std::move(*admission_.admit_unnamed(Protocol::classic));
  Admission::Place fourth = std::move(*admission_.admit_unnamed(Protocol::classic));
  ASSERT_TRUE(admission_.count_for(third, "a", clock_.now()));
  EXPECT_EQ(admission_.count_for(fourth, "a", clock_.now()).error(), Refusal::address_limit);
  EXPECT_EQ(admit("a").error(), Refusal::address_limit);
  ASSERT_TRUE(admission_.count_for(fourth, "b", clock_.now()));
  EXPECT_EQ(admission_.connections(), 4u);
  {
    const Admission::Place gone = std::move(third);
  }
  EXPECT_TRUE(admit("a"));
  EXPECT_EQ(admission_.connections(), 3u);
}

TEST_F(AdmissionTest, WhoIsNamedCountsForItsRate) {
  for (int i = 0; i < static_cast<int>(2 * Admission::kBurstSeconds); ++i) ASSERT_TRUE(admit("a"));
  Admission::Place place = std::move(*admission_.admit_unnamed(Protocol::classic));
  EXPECT_EQ(admission_.count_for(place, "a", clock_.now()).error(), Refusal::rate_limited);
  EXPECT_TRUE(admission_.count_for(place, "b", clock_.now()));
}

TEST_F(AdmissionTest, ForgetsIdleAddressesButNotTheirConnections) {
  const auto kept = admit("kept");
  for (int i = 0; i < 200'000; ++i) {
    ASSERT_TRUE(admit(std::to_string(i))) << i;
    clock_.advance(1ms);
  }
  EXPECT_EQ(admission_.connections(), 1u);
}

TEST_F(AdmissionTest, ConnectionsCountHoweverManyOthersComeAndGo) {
  admission_.set_limits({.max_connections_per_address = 1, .connection_rate_per_address = 2});
  const auto kept = admit("kept");
  // Each has used up more than it has.
  for (std::size_t i = 0; i < Admission::kMaxIdleAddresses + 1000; ++i) {
    ASSERT_TRUE(admit(std::to_string(i))) << i;
    ASSERT_TRUE(admit(std::to_string(i))) << i;
  }
  EXPECT_EQ(admit("kept").error(), Refusal::address_limit);
}

TEST_F(AdmissionTest, SlowRateLetsTheFirstInAndThenOneAtATime) {
  admission_.set_limits({.connection_rate_per_address = 0.1});
  ASSERT_TRUE(admit("a"));
  EXPECT_EQ(admit("a").error(), Refusal::rate_limited);
  clock_.advance(9s);
  EXPECT_EQ(admit("a").error(), Refusal::rate_limited);
  clock_.advance(2s);
  EXPECT_TRUE(admit("a"));
}

TEST_F(AdmissionTest, RemembersEveryAddressThatIsConnected) {
  admission_.set_limits({.connection_rate_per_address = 2});
  constexpr std::size_t kMany = Admission::kMaxIdleAddresses + 1000;
  std::vector<Admission::Place> places;
  for (std::size_t i = 0; i < kMany; ++i) {
    auto place = admit(std::to_string(i));
    ASSERT_TRUE(place) << i;
    places.push_back(std::move(*place));
  }
  // All have used up a part of what they may open: that is remembered of a bounded number.
  places.clear();
  EXPECT_TRUE(admit("new"));
}

TEST_F(AdmissionTest, ACrowdThatHasUsedUpItsShareKeepsNobodyOut) {
  for (const double rate : {20.0, 1.0, 0.001}) {
    admission_.set_limits({.connection_rate_per_address = rate});
    for (std::size_t i = 0; i < Admission::kMaxIdleAddresses + 1000; ++i) {
      ASSERT_TRUE(admit(std::to_string(rate) + "-" + std::to_string(i))) << i;
    }
  }
}

TEST_F(AdmissionTest, OfACrowdTheBusiestAreRemembered) {
  admission_.set_limits({.connection_rate_per_address = 1});
  while (admit("busy")) {
  }
  for (std::size_t i = 0; i < Admission::kMaxIdleAddresses + 1000; ++i) ASSERT_TRUE(admit(std::to_string(i))) << i;
  EXPECT_EQ(admit("busy").error(), Refusal::rate_limited);
}

}  // namespace
}  // namespace parley

#include "cli-client/net/race.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace parley::client {
namespace {

using namespace std::chrono_literals;
using Fault = ConnectionFault::Kind;

Address address_of(const std::string& text) {
  Address address{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(10443);
    address.bytes = sizeof v4;
    std::memcpy(&address.storage, &v4, sizeof v4);
  } else {
    EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(10443);
    address.bytes = sizeof v6;
    std::memcpy(&address.storage, &v6, sizeof v6);
  }
  return address;
}

std::vector<Address> addresses_of(const std::vector<std::string>& texts) {
  std::vector<Address> addresses;
  for (const std::string& text : texts) addresses.push_back(address_of(text));
  return addresses;
}

std::vector<std::string> hosts_of(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  for (const Address& address : addresses) texts.push_back(address.host_text());
  return texts;
}

using Hosts = std::vector<std::string>;

Hosts order(const Hosts& resolved, const char* first = nullptr) {
  return hosts_of(in_racing_order(addresses_of(resolved), first ? std::optional(address_of(first)) : std::nullopt));
}

TEST(RacingOrder, FamiliesTakeTurnsInTheResolversOrder) {
  EXPECT_EQ(order({"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2"}),
            (Hosts{"2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"}));
  EXPECT_EQ(order({"192.0.2.1", "192.0.2.2", "2001:db8::1"}), (Hosts{"192.0.2.1", "2001:db8::1", "192.0.2.2"}));
}

TEST(RacingOrder, WhereItWasReachedLastComesFirst) {
  EXPECT_EQ(order({"2001:db8::1", "192.0.2.1", "192.0.2.2"}, "192.0.2.2"),
            (Hosts{"192.0.2.2", "2001:db8::1", "192.0.2.1"}));
  EXPECT_EQ(order({"192.0.2.1"}, "192.0.2.9"), Hosts{"192.0.2.1"}) << "the name does not have it any more";
}

TEST(RacingOrder, EachIsThereOnce) {
  EXPECT_EQ(order({"192.0.2.1", "192.0.2.1", "192.0.2.2"}), (Hosts{"192.0.2.1", "192.0.2.2"}));
}

// Attempts that do what the test has them do, on a clock that it moves.
class RaceTest : public testing::Test {
 protected:
  struct Runner {
    tl::expected<bool, ConnectionFault> next = false;
    bool under_way = false;
    bool alone = false;
    std::string where;
  };

  class FakeAttempt final : public Attempt {
   public:
    FakeAttempt(Runner& runner, const Address& address) : runner_(runner), address_(address) {
      runner_.under_way = true;
    }
    ~FakeAttempt() override { runner_.under_way = false; }
    pollfd wanted() const override { return {-1, 0, 0}; }
    tl::expected<bool, ConnectionFault> advance(short, TimePoint) override { return runner_.next; }
    void on_alone(TimePoint) override { runner_.alone = true; }
    ConnectionFault late() const override {
      return {Fault::unreachable, address_.text() + ": timed out", {}, ETIMEDOUT};
    }

   private:
    Runner& runner_;
    const Address address_;
  };

  void begin(const Hosts& hosts, std::optional<std::chrono::milliseconds> timeout = 10s) {
    race_.emplace(
        Endpoint{"relay.example", 10443}, addresses_of(hosts), timeout, now_,
        [this](const Address& address, const std::string& where) {
          Runner& runner = runners_[address.host_text()];
          runner.where = where;
          return std::make_unique<FakeAttempt>(runner, address);
        },
        now_);
    advance();
  }
  void advance(Clock::duration later = 0s) {
    now_ += later;
    result_ = race_->advance(now_);
  }
  std::string under_way() const {
    std::string all;
    for (const auto& [host, runner] : runners_) all += runner.under_way ? (all.empty() ? "" : " ") + host : "";
    return all;
  }
  void fails(const std::string& host, Fault kind, std::string text, int error = 0, std::optional<Pin> pin = {}) {
    runners_[host].next = tl::unexpected(ConnectionFault{kind, std::move(text), pin, error});
  }
  void refuses(const std::string& host) { fails(host, Fault::unreachable, "", ECONNREFUSED); }
  std::string winner() const { return result_ && *result_ ? (*result_)->address.host_text() : "nobody"; }
  const ConnectionFault& fault() const { return result_->error(); }

  TimePoint now_{std::chrono::hours(1)};
  std::map<std::string, Runner> runners_;
  std::optional<Race> race_;
  std::optional<Race::Result> result_;
};

TEST_F(RaceTest, OneThatIsSilentDelaysTheNextByAQuarterOfASecond) {
  begin({"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  EXPECT_EQ(under_way(), "192.0.2.1");
  EXPECT_EQ(race_->deadline(), now_ + 250ms);
  advance(249ms);
  EXPECT_EQ(under_way(), "192.0.2.1");
  advance(1ms);
  EXPECT_EQ(under_way(), "192.0.2.1 192.0.2.2");
  runners_["192.0.2.2"].next = true;
  advance(10ms);
  EXPECT_EQ(winner(), "192.0.2.2");
  EXPECT_FALSE(runners_.contains("192.0.2.3"));
}

TEST_F(RaceTest, TheOthersAreClosed) {
  begin({"192.0.2.1", "192.0.2.2"});
  advance(250ms);
  runners_["192.0.2.1"].next = true;
  advance();
  EXPECT_EQ(winner(), "192.0.2.1") << "the earlier one may still win";
  race_.reset();
  EXPECT_EQ(under_way(), "192.0.2.1");
}

TEST_F(RaceTest, TheLastThatIsLeftIsTold) {
  begin({"192.0.2.1", "192.0.2.2"});
  EXPECT_FALSE(runners_["192.0.2.1"].alone) << "the other is still to come";
  advance(250ms);
  EXPECT_FALSE(runners_["192.0.2.1"].alone);
  refuses("192.0.2.2");
  advance();
  EXPECT_TRUE(runners_["192.0.2.1"].alone);
}

TEST_F(RaceTest, AFailureBeginsTheNextAtOnce) {
  fails("192.0.2.1", Fault::no_relay, "closed");
  refuses("192.0.2.2");
  runners_["192.0.2.3"].next = true;
  begin({"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  EXPECT_EQ(winner(), "192.0.2.3");
}

TEST_F(RaceTest, ACertificateThatIsRefusedIsNotTheEndWhileThereAreOthers) {
  fails("192.0.2.1", Fault::untrusted, "nobody vouches");
  begin({"192.0.2.1", "192.0.2.2"});
  EXPECT_EQ(under_way(), "192.0.2.2");
  runners_["192.0.2.2"].next = true;
  advance(1s);
  EXPECT_EQ(winner(), "192.0.2.2");
}

TEST_F(RaceTest, WhatIsSaidNamesTheAddressWhenThereAreSeveral) {
  begin({"192.0.2.1", "2001:db8::1"});
  EXPECT_EQ(runners_["192.0.2.1"].where, "relay.example:10443 at 192.0.2.1");
  begin({"192.0.2.1"});
  EXPECT_EQ(runners_["192.0.2.1"].where, "relay.example:10443");
}

TEST_F(RaceTest, WhenNobodyListensItSaysSo) {
  refuses("192.0.2.1");
  refuses("2001:db8::1");
  begin({"192.0.2.1", "2001:db8::1"});
  ASSERT_TRUE(result_ && !*result_);
  EXPECT_EQ(fault().kind, Fault::unreachable);
  EXPECT_EQ(fault().text,
            "nothing listens at relay.example:10443 (192.0.2.1:10443, [2001:db8::1]:10443): connection refused; is "
            "parleyd running there?");
}

TEST_F(RaceTest, TheTimeIsForAllAndAllAreTriedInIt) {
  begin({"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}, 800ms);
  advance(100ms);
  advance(100ms);
  advance(100ms);
  EXPECT_EQ(under_way(), "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4") << "in the first half of it";
  EXPECT_EQ(race_->deadline(), now_ + 500ms);
  advance(499ms);
  EXPECT_FALSE(result_);
  advance(1ms);
  ASSERT_TRUE(result_ && !*result_);
  EXPECT_EQ(under_way(), "");
  EXPECT_NE(fault().text.find("no answer from relay.example:10443 (192.0.2.1:10443, "), std::string::npos);
  EXPECT_NE(fault().text.find("within 800ms: timed out"), std::string::npos) << fault().text;
}

TEST_F(RaceTest, WithoutALimitTheSystemDecides) {
  begin({"192.0.2.1"}, std::nullopt);
  EXPECT_EQ(race_->deadline(), std::nullopt);
  advance(std::chrono::hours(2));
  EXPECT_FALSE(result_);
}

TEST_F(RaceTest, EachFailureIsNamed) {
  refuses("192.0.2.1");
  fails("192.0.2.2", Fault::unreachable, "", ENETUNREACH);
  begin({"192.0.2.1", "192.0.2.2"});
  ASSERT_TRUE(result_ && !*result_);
  EXPECT_EQ(fault().text,
            "cannot connect to relay.example:10443: 192.0.2.1:10443: Connection refused; 192.0.2.2:10443: Network is "
            "unreachable; check the host and the network");
}

// What the user may decide comes first, and makes it the end.
TEST_F(RaceTest, TheGravestIsWhatItCameTo) {
  refuses("192.0.2.1");
  fails("192.0.2.2", Fault::no_relay, "192.0.2.2 does not speak TLS");
  fails("192.0.2.3", Fault::untrusted, "nobody vouches for 192.0.2.3", 0, Pin{std::byte{7}});
  begin({"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  ASSERT_TRUE(result_ && !*result_);
  EXPECT_EQ(fault().kind, Fault::untrusted);
  EXPECT_EQ(fault().pin, Pin{std::byte{7}});
  EXPECT_EQ(fault().text,
            "nobody vouches for 192.0.2.3; and 192.0.2.2 does not speak TLS; and 192.0.2.1:10443: Connection refused");
}

}  // namespace
}  // namespace parley::client

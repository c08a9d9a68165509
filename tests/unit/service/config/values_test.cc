#include "service/config/values.h"

#include <gtest/gtest.h>

#include <random>

#include "base/duration.h"

namespace parley::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ConfigValues, DurationsAreANumberWithAUnit) {
  const struct {
    const char* text;
    milliseconds expected;
  } kCases[] = {{"250ms", milliseconds{250}}, {"10s", seconds{10}},
                {"10m", minutes{10}},         {"1h", hours{1}},
                {"1m30s", seconds{90}},       {"1h1m1s1ms", hours{1} + minutes{1} + seconds{1} + milliseconds{1}},
                {"8760h", hours{8760}},       {"0", milliseconds{0}},
                {"none", milliseconds{0}},    {"0s", milliseconds{0}}};
  for (const auto& c : kCases) {
    const auto parsed = parse_duration(c.text, Off::allowed);
    ASSERT_TRUE(parsed) << c.text << ": " << parsed.error().why;
    EXPECT_EQ(*parsed, c.expected) << c.text;
  }
}

TEST(ConfigValues, OtherDurationsAreRefused) {
  for (const char* text : {"", "5", "s", "-1s", "1.5s", "1d", "1 s", "1s ", "1s1m", "1s1s", "8761h", "10S",
                           "18446744073709551616ms", "18446744073709551615h", "1m30"})
    EXPECT_FALSE(parse_duration(text, Off::allowed)) << text;
  EXPECT_FALSE(parse_duration("0", Off::refused));
  EXPECT_FALSE(parse_duration("none", Off::refused));
  EXPECT_FALSE(parse_duration("0s", Off::refused));
  EXPECT_FALSE(parse_duration("999ms", Off::allowed, seconds{1}));
}

TEST(ConfigValues, SizesAreBytesOrTakeAUnit) {
  EXPECT_EQ(parse_size("4096", 4096, 1 << 20), 4096U);
  EXPECT_EQ(parse_size("64K", 4096, 1 << 20), 65536U);
  EXPECT_EQ(parse_size("1M", 4096, 1 << 20), 1U << 20);
  for (const char* text : {"", "K", "4095", "1048577", "1025K", "2M", "64k", "64KB", "-1", "1G", "1.5M",
                           "18446744073709551615M", "99999999999999999999"})
    EXPECT_FALSE(parse_size(text, 4096, 1 << 20)) << text;
}

TEST(ConfigValues, CountsHaveBounds) {
  EXPECT_EQ(parse_count("1", Off::refused, 1, 9), 1U);
  EXPECT_EQ(parse_count("9", Off::refused, 1, 9), 9U);
  EXPECT_EQ(parse_count("none", Off::allowed, 1, 9), 0U);
  for (const char* text : {"0", "10", "none", "", "1x", "+1", "-1", " 1", "0x1", "99999999999999999999"})
    EXPECT_FALSE(parse_count(text, Off::refused, 1, 9)) << text;
  EXPECT_EQ(parse_count_or_auto("auto", 1024), 0U);
  EXPECT_EQ(parse_count_or_auto("1024", 1024), 1024U);
  EXPECT_FALSE(parse_count_or_auto("1025", 1024));
}

TEST(ConfigValues, RatesMayBeFractions) {
  EXPECT_EQ(parse_rate("20"), 20.0);
  EXPECT_EQ(parse_rate("0.5"), 0.5);
  EXPECT_EQ(parse_rate("none"), 0.0);
  for (const char* text : {"", "-1", "0.001", "1e3", "nan", "inf", "1000001", "20/s"})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(ConfigValues, EndpointsAreNumericAndCanonical) {
  const struct {
    const char* text;
    const char* expected;
  } kCases[] = {{"127.0.0.1:10000", "127.0.0.1:10000"},
                {"[::1]:80", "[::1]:80"},
                {"[0:0:0:0:0:0:0:1]:80", "[::1]:80"},
                {"localhost:0", "127.0.0.1:0"},
                {"*:65535", "*:65535"},
                {":80", "*:80"},
                {"[::]:80", "[::]:80"}};
  for (const auto& c : kCases) {
    const auto parsed = parse_endpoint(c.text);
    ASSERT_TRUE(parsed) << c.text << ": " << parsed.error().why;
    EXPECT_EQ(to_string(*parsed), c.expected) << c.text;
  }
  for (const char* text : {"", "127.0.0.1", "80", "::1:80", "[::1]", "[::1:80", "]:80", "[]:80", "[:80", "host:80",
                           "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8x", "127.1:80", "256.0.0.1:80",
                           "[127.0.0.1]:80", "[fe80::1%eth0]:80", " 127.0.0.1:80"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
  EXPECT_FALSE(parse_endpoint(std::string_view("127.0.0.1\0:80", 13)));
}

TEST(ConfigValues, EndpointListsTakeCommasAndNone) {
  EXPECT_EQ(parse_endpoints({"none"})->size(), 0U);
  EXPECT_EQ(parse_endpoints({"127.0.0.1:1, [::1]:1", "127.0.0.1:2"})->size(), 3U);
  EXPECT_EQ(parse_endpoints({"127.0.0.1:0", "127.0.0.1:0"})->size(), 2U) << "port 0 is another one each time";
  EXPECT_FALSE(parse_endpoints({""}));
  EXPECT_FALSE(parse_endpoints({"127.0.0.1:1,"}));
  EXPECT_FALSE(parse_endpoints({"none", "127.0.0.1:1"}));
  EXPECT_FALSE(parse_endpoints({"127.0.0.1:1", "localhost:1"}));
}

TEST(ConfigValues, NetworksHaveOneSpelling) {
  const std::pair<const char*, const char*> cases[] = {
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"192.0.2.7", "192.0.2.7/32"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"2001:DB8::/32", "2001:db8::/32"},
      {"::1", "::1/128"},
      {"::/0", "::/0"},
      {"172.16.0.0/12", "172.16.0.0/12"},
      {"fd00:0:0::/9", "fd00::/9"},
  };
  for (const auto& [text, spelled] : cases) {
    const auto network = parse_network(text);
    ASSERT_TRUE(network) << text << ": " << network.error().why;
    EXPECT_EQ(to_string(*network), spelled);
    EXPECT_EQ(*parse_network(spelled), *network);
  }
  for (const char* text :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "::/129", "[::1]",
        "[::]/0", "localhost", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "fe80::1%eth0", "*"})
    EXPECT_FALSE(parse_network(text)) << text;
  EXPECT_FALSE(parse_network(std::string_view("10.0.0.0\0/8", 11)));
  EXPECT_EQ(parse_network("10.1.2.3/12").error().remedy, "give 10.0.0.0/12");
  EXPECT_EQ(parse_network("2001:db8:ff::/33").error().remedy, "give 2001:db8::/33");
  EXPECT_TRUE(parse_networks({"none"})->empty());
  EXPECT_EQ(parse_networks({"10.0.0.0/8, ::1", "192.0.2.7"})->size(), 3U);
  EXPECT_FALSE(parse_networks({"192.0.2.7", "192.0.2.7/32"}));
}

TEST(ConfigValues, WhatIsFormattedParsesToTheSame) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): the same values in every run
  std::uniform_int_distribution<std::uint64_t> number(1, 30'000'000'000);
  std::uniform_real_distribution<double> rate(0.01, 1e6);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t n = number(random);
    const milliseconds duration{static_cast<milliseconds::rep>(n)};
    EXPECT_EQ(parse_duration(duration_text(duration), Off::refused), duration);
    EXPECT_EQ(parse_size(format_size(n), 1, SIZE_MAX), n);
    const double r = rate(random);
    EXPECT_EQ(parse_rate(format_rate(r)), r);
  }
}

}  // namespace
}  // namespace parley::config

#include "parleyd/ctl_tables.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

using nlohmann::json;

TEST(CtlTables, ColumnsAreAsWideAsTheirWidest) {
  EXPECT_EQ(table({{"A", "LONG", "C"}, {"longer", "b"}, {"x", "y", "z"}}),
            "A       LONG  C\nlonger  b\nx       y     z\n");
  EXPECT_EQ(table({}), "");
}

TEST(CtlTables, TimesInTheirTwoLargestUnits) {
  EXPECT_EQ(rough_time(0.44), "0.4 s");
  EXPECT_EQ(rough_time(59), "59 s");
  EXPECT_EQ(rough_time(61), "1 min 1 s");
  EXPECT_EQ(rough_time(3600 * 5 + 61), "5 h 1 min");
  EXPECT_EQ(rough_time(86400 * 12 + 3600 * 3), "12 d 3 h");
}

TEST(CtlTables, SizesInUnitsOfAThousand) {
  EXPECT_EQ(rough_size(0), "0 B");
  EXPECT_EQ(rough_size(999), "999 B");
  EXPECT_EQ(rough_size(1000), "1.0 KB");
  EXPECT_EQ(rough_size(999'960), "1.0 MB");
  EXPECT_EQ(rough_size(41'200'000), "41.2 MB");
  EXPECT_EQ(rough_size(5e15), "5000.0 TB");
}

TEST(CtlTables, AReloadNamesTheCertificateItReplaced) {
  const json before{{"pin", "sha256:p"}, {"fingerprint", "aa"}, {"expires", "2026-12-01T00:00:00.000Z"}};
  json after = before;
  json report{{"changed", json::array()},
              {"needs_restart", {"shards"}},
              {"certificate", {{"before", before}, {"after", after}}}};
  EXPECT_EQ(reload_report(report),
            "changed          none\nneeds a restart  shards\ncertificate      expires 2026-12-01 00:00:00, "
            "sha256:p\nfingerprint      aa\n");
  report["certificate"]["after"]["fingerprint"] = "bb";
  EXPECT_TRUE(reload_report(report).ends_with("fingerprint      bb\nbefore           aa\n"));
}

TEST(CtlTables, ALogLevelSaysHowLongItLasts) {
  EXPECT_EQ(log_level_line({{"level", "info"}, {"configured", "info"}, {"until", nullptr}}), "info\n");
  EXPECT_EQ(log_level_line({{"level", "debug"}, {"configured", "info"}, {"until", nullptr}}),
            "debug, until a reload changes it; configured is info\n");
  EXPECT_EQ(log_level_line({{"level", "debug"}, {"configured", "info"}, {"until", "2026-11-29T21:00:00.123Z"}}),
            "debug, until 2026-11-29 21:00:00; configured is info\n");
}

TEST(CtlTables, SessionsWithALostClient) {
  const auto leg = [](const char* address, bool lost) {
    return json{{"address", address}, {"lost", lost}, {"bytes_in", 1000}};
  };
  const json session{{"id", "0000000000000007"}, {"protocol", "relay"},
                     {"state", "held"},          {"started", "2026-11-29T21:00:00.123Z"},
                     {"idle_s", 3.21},           {"legs", {leg("192.0.2.1:5", false), leg("[::1]:6", true)}}};
  EXPECT_EQ(session_table(json::array({session})),
            "ID                PROTOCOL  STATE  SINCE (UTC)          FIRST        SECOND          RECEIVED  IDLE\n"
            "0000000000000007  relay     held   2026-11-29 21:00:00  192.0.2.1:5  [::1]:6 (lost)  2.0 KB    3.2 s\n");
}

}  // namespace
}  // namespace parley

#include "cli-client/transfer/progress_text.h"

#include <gtest/gtest.h>

#include <clocale>
#include <initializer_list>
#include <utility>

namespace parley::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMillion = 1'000'000;

class ProgressText : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }

  // So many bytes more, this much later.
  void move(std::uint64_t bytes, milliseconds time) {
    now += time;
    progress.bytes_done += bytes;
    progress.bytes_moved += bytes;
    meter.update(progress, now, activity);
  }
  std::string line(const std::string& name, std::size_t columns) const {
    return progress_line(meter, now, name, columns);
  }

  ProgressMeter::Time now{std::chrono::hours(1)};
  ProgressMeter meter{now, milliseconds(100)};
  TransferProgress progress{.files_total = 1, .bytes_total = 100 * kMillion};
  Activity activity = Activity::moving;
};

TEST_F(ProgressText, SaysWhatIsKnown) {
  move(0, milliseconds(0));
  EXPECT_EQ(line("a", 80), "a  [        ]   0%  0 B of 100 MB");
  for (int i = 0; i < 24; ++i) move(kMillion, milliseconds(250));
  EXPECT_EQ(line("a", 80), "a  [#       ]  24%  24 MB of 100 MB  4.0 MB/s  19 s left");
  EXPECT_EQ(progress_report(meter, now, "a"), "24%, 24 MB of 100 MB, 4.0 MB/s, 19 s left, a");
}

TEST_F(ProgressText, SaysWhatItWaitsFor) {
  for (int i = 0; i < 24; ++i) move(kMillion, milliseconds(250));
  for (int i = 0; i < 10; ++i) move(0, seconds(1));
  EXPECT_EQ(line("a", 80), "a  [#       ]  24%  24 MB of 100 MB  stalled for 10 s");
  EXPECT_STREQ(activity_label(meter, now), "stalled");
  activity = Activity::waiting;
  for (int i = 0; i < 2; ++i) move(0, seconds(1));
  EXPECT_EQ(line("a", 39), "a  [    ]  24%  waiting for an answer");
  EXPECT_STREQ(activity_label(meter, now), "waiting");
  activity = Activity::comparing;
  move(0, seconds(1));
  EXPECT_EQ(line("a", 39), "a  [    ]  24%  comparing");
  EXPECT_STREQ(activity_label(meter, now), "comparing");
}

TEST_F(ProgressText, CountsFilesWhereThereAreNoBytes) {
  progress = {.files_done = 2, .files_failed = 1, .files_total = 4};
  move(0, seconds(1));
  EXPECT_EQ(line("a", 80), "a  [######  ]  75%  2 of 4 files");
  EXPECT_EQ(progress_report(meter, now, ""), "75%, 2 of 4 files");
}

TEST_F(ProgressText, SaysLongTimesRoundly) {
  progress.bytes_total = 1'000'000 * kMillion;
  move(0, seconds(1));
  for (const auto& [rate, left] :
       std::initializer_list<std::pair<std::uint64_t, const char*>>{{2'500 * kMillion, "6 min 40 s left"},
                                                                    {1'000 * kMillion, "16 min left"},
                                                                    {50 * kMillion, "5 h 33 min left"},
                                                                    {10 * kMillion, "1 d 3 h left"},
                                                                    {1 * kMillion, "11 d left"}}) {
    for (int i = 0; i < 20; ++i) move(rate / 4, milliseconds(250));
    progress.bytes_done = 0;
    meter.update(progress, now, activity);
    EXPECT_TRUE(line("", 80).ends_with(left)) << line("", 80) << ", not " << left;
  }
}

TEST_F(ProgressText, TheRateOfAllIsOfWhatWasMoved) {
  progress.bytes_done = 50 * kMillion;
  for (int i = 0; i < 5; ++i) move(kMillion, seconds(1));
  EXPECT_EQ(progress_summary(meter), "0 files, 55 MB in 5 s (1.0 MB/s)");
}

TEST_F(ProgressText, IsNotFullBeforeTheEnd) {
  progress.bytes_total = 1'000'000'000'000'000'000;
  move(progress.bytes_total - 1, seconds(1));
  EXPECT_TRUE(line("a", 80).starts_with("a  [####### ]  99%"));
  progress = {};
  move(0, seconds(1));
  EXPECT_TRUE(line("a", 80).starts_with("a  [########] 100%"));
}

TEST_F(ProgressText, FitsTheLine) {
  progress.files_total = 1000;
  progress.files_done = 3;
  move(0, seconds(1));
  move(50 * kMillion, seconds(1));
  const std::string name = "photos/summer in Österreich/001.jpg";
  EXPECT_EQ(line(name, 120),
            name + "  [#########         ]  50%  50 MB of 100 MB  50 MB/s  1 s left  3 of 1,000 files");
  EXPECT_EQ(line(name, 79), "…001.jpg  [####    ]  50%  50 MB of 100 MB  50 MB/s  1 s left  3 of 1,000 files");
  EXPECT_EQ(line(name, 70), "…terreich/001.jpg  [####    ]  50%  50 MB of 100 MB  50 MB/s  1 s left");
  EXPECT_EQ(line(name, 39), "…01.jpg  [##  ]  50%  50 MB/s  1 s left");
  EXPECT_EQ(line(name, 30), "[##  ]  50%  50 MB/s  1 s left");
  EXPECT_EQ(line(name, 23), " 50%  50 MB/s  1 s left");
  EXPECT_EQ(line(name, 5), " 50%");
  EXPECT_EQ(line(name, 0), "");
  const std::string wide = "写真/夏休み/東京タワー.jpg";  // two columns each but for / and .jpg
  EXPECT_EQ(line(wide, 46), "…京タワー.jpg  [##  ]  50%  50 MB/s  1 s left");
}

TEST_F(ProgressText, BarRateAndTimeSurviveFortyColumns) {
  progress.files_total = 100'000;
  progress.bytes_total = 300'000 * kMillion;
  move(0, seconds(1));
  for (int i = 0; i < 20; ++i) move(999 * kMillion / 4, milliseconds(250));
  EXPECT_EQ(line("a/long/name.jpg", 39), "[    ]   1%  999 MB/s  4 min 56 s left");
  EXPECT_EQ(line("a/long/name.jpg", 79),
            "a/long/name.jpg  [        ]   1%  4.9 GB of 300 GB  999 MB/s  4 min 56 s left");
}

}  // namespace
}  // namespace parley::client

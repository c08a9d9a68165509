#include "cli-client/transfer/progress_text.h"

#include <gtest/gtest.h>

#include <clocale>

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
    meter.update(progress, now);
  }
  std::string line(const std::string& name, std::size_t columns) const { return progress_line(meter, name, columns); }

  ProgressMeter::Time now{std::chrono::hours(1)};
  ProgressMeter meter{now, milliseconds(100)};
  TransferProgress progress{.files_total = 1, .bytes_total = 100 * kMillion};
};

TEST_F(ProgressText, SaysWhatIsKnown) {
  move(0, milliseconds(0));
  EXPECT_EQ(line("a", 80), "a  0%  0 B of 100 MB");
  for (int i = 0; i < 24; ++i) move(kMillion, milliseconds(250));
  EXPECT_EQ(line("a", 80), "a  24%  24 MB of 100 MB  4.0 MB/s  19 s left");
  for (int i = 0; i < 10; ++i) move(0, seconds(1));
  EXPECT_EQ(line("a", 80), "a  24%  24 MB of 100 MB  0 B/s");
}

TEST_F(ProgressText, TheRateOfAllIsOfWhatWasMoved) {
  progress.bytes_done = 50 * kMillion;
  for (int i = 0; i < 5; ++i) move(kMillion, seconds(1));
  EXPECT_EQ(progress_summary(meter, now), "0 files, 55 MB in 5 s (1.0 MB/s)");
}

TEST_F(ProgressText, IsNotFullBeforeTheEnd) {
  progress.bytes_total = 1'000'000'000'000'000'000;
  move(progress.bytes_total - 1, seconds(1));
  EXPECT_TRUE(line("a", 80).starts_with("a  99%"));
  progress.bytes_total = 0;
  progress.bytes_done = 0;
  move(0, seconds(1));
  EXPECT_TRUE(line("a", 80).starts_with("a  100%  0 B of 0 B"));
}

TEST_F(ProgressText, FitsTheLine) {
  progress.files_total = 1000;
  progress.files_done = 3;
  move(0, seconds(1));
  move(50 * kMillion, seconds(1));
  const std::string name = "photos/summer in Österreich/001.jpg";
  EXPECT_EQ(line(name, 100), name + "  50%  50 MB of 100 MB  50 MB/s  1 s left  3 of 1,000 files");
  EXPECT_EQ(line(name, 80), "…n Österreich/001.jpg  50%  50 MB of 100 MB  50 MB/s  1 s left  3 of 1,000 files");
  EXPECT_EQ(line(name, 40), "…sterreich/001.jpg  50%  50 MB of 100 MB");
  EXPECT_EQ(line(name, 5), "….jpg");
  const std::string wide = "写真/夏休み/東京タワー.jpg";  // two columns each but for / and .jpg
  EXPECT_EQ(line(wide, 37), "…東京タワー.jpg  50%  50 MB of 100 MB");
  EXPECT_EQ(line(wide, 36), "…京タワー.jpg  50%  50 MB of 100 MB") << "half a character is none";
  EXPECT_EQ(line(name, 0), "");
}

}  // namespace
}  // namespace parley::client

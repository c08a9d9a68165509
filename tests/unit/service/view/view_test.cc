#include "service/view/view.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(View, TimesAreRfc3339InUtc) {
  EXPECT_EQ(rfc3339(WallTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(WallTime(std::chrono::milliseconds(1'700'000'000'123))), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(rfc3339(WallTime(std::chrono::microseconds(-1))), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace parley

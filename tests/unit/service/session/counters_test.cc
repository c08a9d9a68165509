#include "service/session/counters.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(ProtocolCounters, AreAddedToTheSumOfTheOtherShards) {
  ProtocolCounters counters;
  counters.connections_total.add(1);
  counters.sessions_total.add(2);
  counters.messages_total.add(3);
  counters.bytes_in_total.add(4);
  counters.bytes_out_total.add(5);
  counters.resumptions_total.add(6);
  counters.dropped_bytes_total.add(7);
  counters.refused_total.back().add(8);
  counters.session_ends_total.back().add(9);
  counters.leg_ends_total.back().add(10);
  counters.note_pairing(std::chrono::seconds{1});
  ProtocolCounts sum;
  counters.add_to(sum);
  counters.add_to(sum);
  EXPECT_EQ(sum.connections_total, 2u);
  EXPECT_EQ(sum.sessions_total, 4u);
  EXPECT_EQ(sum.messages_total, 6u);
  EXPECT_EQ(sum.bytes_in_total, 8u);
  EXPECT_EQ(sum.bytes_out_total, 10u);
  EXPECT_EQ(sum.resumptions_total, 12u);
  EXPECT_EQ(sum.dropped_bytes_total, 14u);
  EXPECT_EQ(sum.refused_total.back(), 16u);
  EXPECT_EQ(sum.session_ends_total.back(), 18u);
  EXPECT_EQ(sum.leg_ends_total.back(), 20u);
  EXPECT_EQ(sum.pairing_wait_seconds.count(), 4u) << "of who waited and of who came";
}

}  // namespace
}  // namespace parley

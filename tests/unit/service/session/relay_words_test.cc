#include "service/session/relay_words.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "protocol/relay/frame.h"

namespace parley {
namespace {

TEST(RelayWords, WhoIsRefusedTogetherIsToComeBackAtDifferentMoments) {
  std::minstd_rand random{1};
  for (const EndReason reason :
       {EndReason::draining, EndReason::overloaded, EndReason::rate_limited, EndReason::room_held}) {
    std::set<int> moments;
    for (int i = 0; i < 100; ++i) {
      const std::string payload = error_frame(reason, "", random)->substr(relay::kHeaderBytes);
      moments.insert(nlohmann::json::parse(payload)["retry_after_s"].get<int>());
    }
    EXPECT_EQ(moments, (std::set<int>{5, 6, 7, 8, 9, 10})) << label(reason);
  }
}

TEST(RelayWords, WhatIsFinalSaysNothingOfComingBack) {
  std::minstd_rand random{1};
  const std::string frame = *error_frame(EndReason::room_full, "", random);
  EXPECT_FALSE(nlohmann::json::parse(frame.substr(relay::kHeaderBytes)).contains("retry_after_s"));
  EXPECT_FALSE(error_frame(EndReason::lost, "", random)) << "there is nobody to tell";
}

}  // namespace
}  // namespace parley

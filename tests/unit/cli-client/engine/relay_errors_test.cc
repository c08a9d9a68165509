#include "cli-client/engine/relay_errors.h"

#include <gtest/gtest.h>

#include <string>

namespace parley::client {
namespace {

using relay::ErrorCode;

RelayAnswer answer(ErrorCode code, std::optional<std::chrono::seconds> retry_after = {}, bool had_token = true) {
  return answer_to({code, "said \x1b[2J", retry_after}, "relay.example:10443", true, had_token);
}

TEST(RelayErrors, EveryCodeHasASentence) {
  for (std::size_t code = 0; code < relay::kErrorCodes; ++code) {
    const RelayAnswer what = answer(static_cast<ErrorCode>(code));
    EXPECT_FALSE(what.text.empty()) << code;
    EXPECT_EQ(what.text.find('\x1b'), std::string::npos) << what.text;
  }
}

TEST(RelayErrors, WhatPassesIsTriedAgain) {
  for (const auto code : {ErrorCode::room_held, ErrorCode::rate_limited, ErrorCode::overloaded, ErrorCode::draining,
                          ErrorCode::idle, ErrorCode::too_slow}) {
    const RelayAnswer what = answer(code, std::chrono::seconds(7));
    EXPECT_TRUE(what.retry && !what.forget_token) << label(code);
    EXPECT_EQ(what.wait.count(), 7);
  }
  EXPECT_TRUE(answer(ErrorCode::unknown, std::chrono::seconds(1)).retry);
}

TEST(RelayErrors, AnOldTokenIsForgotten) {
  for (const auto code : {ErrorCode::bad_resume, ErrorCode::waited_too_long}) {
    const RelayAnswer what = answer(code);
    EXPECT_TRUE(what.retry && what.forget_token && what.at_once) << label(code);
  }
  EXPECT_FALSE(answer(ErrorCode::bad_resume, {}, false).retry) << "that would go on for ever";
}

TEST(RelayErrors, WhatDoesNotPassIsNot) {
  for (const auto code : {ErrorCode::room_full, ErrorCode::unauthorized, ErrorCode::ended_by_operator}) {
    EXPECT_FALSE(answer(code).retry);
    EXPECT_EQ(answer(code).status, ExitStatus::refused);
    EXPECT_EQ(answer(code).forget_token, code != ErrorCode::unauthorized) << "with another access token it is of use";
  }
  EXPECT_EQ(answer(ErrorCode::bad_frame).status, ExitStatus::failed);
  EXPECT_FALSE(answer(ErrorCode::unknown).retry);
}

}  // namespace
}  // namespace parley::client

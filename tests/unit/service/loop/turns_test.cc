#include "service/loop/turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/post.hpp>
#include <string>
#include <vector>

#include "service/loop/gate.h"

namespace parley {
namespace {

using testing::ElementsAre;

class TurnsTest : public ::testing::Test {
 protected:
  awaitable<void> take_turns(std::string address, int times, std::chrono::microseconds each = {}) {
    for (int i = 0; i < times; ++i) {
      co_await turns_.wait(address);
      taken_.push_back(address);
      const auto end = std::chrono::steady_clock::now() + each;  // how long a turn takes is what is tested
      while (std::chrono::steady_clock::now() < end) {
      }
    }
  }
  void start(const std::string& address, int times, std::chrono::microseconds each = {}) {
    gate_.spawn(io_.get_executor(), take_turns(address, times, each));
  }

  asio::io_context io_{1};
  Turns turns_{io_};
  std::vector<std::string> taken_;
  Gate gate_;
};

TEST_F(TurnsTest, AddressesTakeTurnsHoweverManyWaitOfOne) {
  for (int i = 0; i < 4; ++i) start("crowd", 1);
  start("alone", 3);
  io_.poll();
  EXPECT_THAT(taken_, ElementsAre("crowd", "alone", "crowd", "alone", "crowd", "alone", "crowd"));
  EXPECT_EQ(gate_.inside(), 0u);
}

TEST_F(TurnsTest, WhatComesAnewIsNotBehindTheCrowd) {
  for (int i = 0; i < 50; ++i) start("crowd", 1, std::chrono::milliseconds(1));
  std::size_t before = 0;
  asio::post(io_, [this, &before] { asio::post(io_, [this, &before] { before = taken_.size(); }); });
  io_.poll();
  EXPECT_EQ(taken_.size(), 50u);
  EXPECT_LE(before, 5u);
}

}  // namespace
}  // namespace parley

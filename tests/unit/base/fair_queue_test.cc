#include "base/fair_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace parley {
namespace {

std::string popped(FairQueue<std::unique_ptr<char>>& queue) {
  std::string order;
  while (!queue.empty()) order += *queue.pop();
  return order;
}

TEST(FairQueue, OwnersTakeTurnsAndKeepTheirOrder) {
  FairQueue<std::unique_ptr<char>> queue;
  for (const char c : {'a', 'b', 'c'}) queue.push("one", std::make_unique<char>(c));
  queue.push("two", std::make_unique<char>('x'));
  queue.push("three", std::make_unique<char>('y'));
  EXPECT_EQ(queue.size(), 5U);
  EXPECT_EQ(popped(queue), "axybc");
}

TEST(FairQueue, WhatIsErasedDoesNotCome) {
  FairQueue<std::unique_ptr<char>> queue;
  for (const char c : {'a', 'b'}) queue.push("one", std::make_unique<char>(c));
  queue.push("two", std::make_unique<char>('x'));
  const auto is = [](char wanted) { return [wanted](const auto& item) { return *item == wanted; }; };
  EXPECT_FALSE(queue.erase("two", is('a'))) << "it is another's";
  EXPECT_FALSE(queue.erase("nobody", is('a')));
  EXPECT_TRUE(queue.erase("one", is('a')));
  EXPECT_TRUE(queue.erase("two", is('x')));
  queue.push("two", std::make_unique<char>('z'));
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(popped(queue), "bz");
}

}  // namespace
}  // namespace parley

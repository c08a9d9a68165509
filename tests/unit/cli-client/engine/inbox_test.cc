#include "cli-client/engine/inbox.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

chat::Message message(std::uint64_t sequence, std::size_t bytes, std::uint64_t restarts = 0) {
  return {chat::Type::text, {sequence, restarts}, Bytes(bytes)};
}

TEST(Inbox, GivesInOrderAndWaitsForAllToBeTaken) {
  Inbox inbox;
  inbox.put(chat::Typing{});
  for (const std::uint64_t number : {1U, 2U, 3U}) inbox.put(message(number, 10));
  EXPECT_EQ(inbox.count(), 4U);
  EXPECT_TRUE(std::holds_alternative<chat::Typing>(*inbox.next()));
  for (const std::uint64_t number : {1U, 2U, 3U}) EXPECT_EQ(std::get<chat::Message>(*inbox.next()).id.sequence, number);
  EXPECT_EQ(inbox.next(), std::nullopt);
  EXPECT_TRUE(inbox.empty());
  inbox.taken({2, 0});
  EXPECT_FALSE(inbox.all_taken());
  inbox.taken({3, 0});
  EXPECT_TRUE(inbox.all_taken());
}

TEST(Inbox, IsFullOfMuchAndOfMany) {
  const auto put_until_full = [](const chat::Event& event) {
    Inbox inbox;
    while (!inbox.full() && inbox.count() < 10'000'000) inbox.put(event);
    return inbox.count();
  };
  EXPECT_LT(put_until_full(message(1, 64 * 1024)), 300U);
  EXPECT_LT(put_until_full(message(1, 0)), 1'000'000U) << "nothing is too small to count";
  // What a partner may have under way: 1 MiB of records of twelve bytes and more.
  EXPECT_GT(put_until_full(message(1, 0)), 1024U * 1024 / 12);
}

TEST(Inbox, IsFullOfMemoryAndNotOfBytesThatWereSent) {
  Inbox inbox;
  std::size_t memory = 0;
  while (!inbox.full()) {
    chat::Message small = message(1, 0);
    small.body.reserve(16'000);
    small.body.resize(10);
    memory += small.body.capacity();
    inbox.put(std::move(small));
  }
  EXPECT_LT(memory, 17U << 20U);
}

TEST(Inbox, KeepsTheLastOfThoseThatOverruleEachOther) {
  Inbox inbox;
  for (std::uint64_t number = 1; number <= 1'000'000; ++number) inbox.put(chat::Acknowledged{number});
  EXPECT_FALSE(inbox.full());
  EXPECT_EQ(inbox.count(), 1'000'000U) << "each is news";
  inbox.put(chat::Renamed{"Ann"});
  inbox.put(chat::Renamed{"Annie"});
  inbox.put(chat::Acknowledged{7});
  EXPECT_EQ(std::get<chat::Acknowledged>(*inbox.next()).sequence, 1'000'000U);
  EXPECT_EQ(std::get<chat::Renamed>(*inbox.next()).name, "Annie");
  EXPECT_EQ(std::get<chat::Acknowledged>(*inbox.next()).sequence, 7U);
  EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, IsFullOfThoseThatNeedNoTaking) {
  Inbox inbox;
  std::size_t put = 0;
  for (; !inbox.full() && put < 1'000'000; ++put) {
    inbox.put(chat::Typing{});
    inbox.put(chat::Renamed{"Ann"});
  }
  EXPECT_LT(put, 10'000U);
  while (inbox.next()) {
  }
  EXPECT_FALSE(inbox.full());
}

TEST(Inbox, WhatCameBeforeARestartNeedsNoTaking) {
  Inbox inbox;
  inbox.put(message(1, 10));
  inbox.put(chat::Restarted{});
  inbox.put(message(1, 10, 1));
  while (inbox.next()) {
  }
  EXPECT_FALSE(inbox.all_taken());
  inbox.taken({1, 1});
  EXPECT_TRUE(inbox.all_taken());
  inbox.put(message(2, 10, 1));
  inbox.put(chat::Restarted{});
  while (inbox.next()) {
  }
  EXPECT_TRUE(inbox.all_taken());
}

}  // namespace
}  // namespace parley::client

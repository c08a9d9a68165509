#include "service/view/events.h"

#include <gtest/gtest.h>

#include <thread>

namespace parley {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> names(const Events::Watcher::News& news) {
  std::vector<std::string> names;
  for (const auto& event : news.events) names.emplace_back(event->name);
  return names;
}

TEST(Events, EachWatcherHearsWhatHappensFromThenOn) {
  Events events;
  EXPECT_FALSE(events.watched());
  events.tell("before", {});
  const auto first = events.watch();
  EXPECT_TRUE(events.watched());
  events.tell("one", {{"word", "x"}, {"number", 1.5}, {"yes", true}});
  const auto second = events.watch();
  events.tell("two", {});
  const auto heard = first->wait(0ms);
  EXPECT_EQ(names(heard), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(std::get<std::string>(heard.events[0]->fields[0].second), "x");
  EXPECT_EQ(std::get<double>(heard.events[0]->fields[1].second), 1.5);
  EXPECT_TRUE(std::get<bool>(heard.events[0]->fields[2].second));
  EXPECT_EQ(names(second->wait(0ms)), (std::vector<std::string>{"two"}));
  EXPECT_TRUE(first->wait(0ms).events.empty());
}

TEST(Events, WhoDoesNotKeepUpLosesTheOldestAndIsTold) {
  Events events;
  const auto watcher = events.watch();
  for (std::size_t i = 0; i < Events::kMostHeld + 3; ++i) events.tell(i < 3 ? "old" : "new", {});
  const auto news = watcher->wait(0ms);
  EXPECT_EQ(news.events.size(), Events::kMostHeld);
  EXPECT_EQ(news.lost, 3u);
  EXPECT_EQ(names(news).front(), "new");
  events.tell("next", {});
  EXPECT_EQ(watcher->wait(0ms).lost, 0u);
}

TEST(Events, OnlySoManyMayWatch) {
  Events events;
  std::vector<std::unique_ptr<Events::Watcher>> all;
  for (std::size_t i = 0; i < Events::kMostWatchers; ++i) all.push_back(events.watch());
  EXPECT_EQ(events.watch(), nullptr);
  all.pop_back();
  EXPECT_NE(events.watch(), nullptr);
  all.clear();
  EXPECT_FALSE(events.watched());
}

TEST(Events, WaitingEndsWithAnEventAndWithTheEnd) {
  Events events;
  const auto watcher = events.watch();
  std::thread other([&events] { events.tell("now", {}); });
  EXPECT_EQ(names(watcher->wait(1h)), (std::vector<std::string>{"now"}));
  other.join();
  std::thread closing([&events] { events.close(0ms); });
  EXPECT_TRUE(watcher->wait(1h).over);
  closing.join();
  EXPECT_EQ(events.watch(), nullptr);
}

TEST(Events, TheEndWaitsForWhoWatches) {
  Events events;
  auto watcher = events.watch();
  events.tell("last", {});
  std::thread closing([&events] { events.close(1h); });
  Events::Watcher::News news = watcher->wait(1h);
  EXPECT_EQ(news.events.front()->name, "last");
  while (!news.over) news = watcher->wait(1h);
  watcher.reset();
  closing.join();
}

}  // namespace
}  // namespace parley

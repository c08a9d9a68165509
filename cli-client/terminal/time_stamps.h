#pragma once

#include <ctime>
#include <optional>
#include <string>

namespace parley::client {

// When something was said, by the clock on the wall.
class TimeStamps {
 public:
  // Nobody needs to be told which day it is when they begin.
  explicit TimeStamps(std::time_t begun) : day_(day(begun)) {}

  // "Sunday, 29 November 2026", when that was another day the last time.
  std::optional<std::string> new_day(std::time_t now);
  // "12:03"
  static std::string time_of_day(std::time_t now);

 private:
  static std::string day(std::time_t time);

  std::string day_;
};

}  // namespace parley::client

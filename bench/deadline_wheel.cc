// What a deadline costs, in nanoseconds of CPU time, on a wheel where each of many connections has one that is far
// away, as at rest: to set one more and clear it, and to push one back, as for each piece that a slow client takes.
//
// deadline_wheel [CONNECTIONS]

#include "service/loop/deadline_wheel.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

namespace {

using namespace std::chrono_literals;
using parley::Deadline;
using parley::TimePoint;

constexpr int kTimes = 1'000'000;

// `step` is given a time that goes on by a microsecond each time; the wheel goes with it.
template <class Step>
void measure(const char* what, parley::DeadlineWheel& wheel, TimePoint& now, Step step) {
  const std::clock_t begin = std::clock();
  for (int i = 0; i < kTimes; ++i) {
    now += 1us;
    step(now);
    if (i % 1000 == 0) wheel.advance(now);
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf("%-24s %7.1f ns\n", what, seconds / kTimes * 1e9);
}

}  // namespace

int main(int argc, char** argv) {
  const int connections = argc > 1 ? std::atoi(argv[1]) : 10'000;
  TimePoint now = TimePoint{} + 1000h;
  parley::DeadlineWheel wheel(now);
  std::vector<std::unique_ptr<Deadline>> idle;
  for (int i = 0; i < connections; ++i) {
    idle.push_back(std::make_unique<Deadline>(wheel, [] {}));
    idle.back()->set(now + 600s + i * 1ms);
  }
  Deadline deadline(wheel, [] {});
  measure("set 1 s ahead, cleared", wheel, now, [&](TimePoint when) {
    deadline.set(when + 1s);
    deadline.clear();
  });
  measure("set 30 s ahead, cleared", wheel, now, [&](TimePoint when) {
    deadline.set(when + 30s);
    deadline.clear();
  });
  deadline.set(now + 30s);
  measure("set again, later", wheel, now, [&](TimePoint when) { deadline.set(when + 30s); });
  measure("moved", wheel, now, [&](TimePoint when) { deadline.move(when + 30s); });
  deadline.clear();
  idle.clear();
}

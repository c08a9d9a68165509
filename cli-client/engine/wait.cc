#include "cli-client/engine/wait.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "cli-client/base/poll_timeout.h"

namespace parley::client {
namespace {

std::uint64_t news(std::span<Engine* const> engines) {
  std::uint64_t count = 0;
  for (const Engine* engine : engines) count += engine->news();
  return count;
}

// Polls, and lets the engines go on. Whether there is something to return for.
bool poll_once(std::span<Engine* const> engines, std::span<pollfd> others, int timeout) {
  const std::uint64_t before = news(engines);
  std::vector<pollfd> fds;
  for (const Engine* engine : engines) fds.push_back(engine->wanted());
  fds.insert(fds.end(), others.begin(), others.end());
  if (::poll(fds.data(), fds.size(), timeout) <= 0) {
    for (pollfd& fd : fds) fd.revents = 0;
  }
  const TimePoint now = Clock::now();
  for (std::size_t i = 0; i < engines.size(); ++i) engines[i]->advance(fds[i].revents, now);
  std::copy(fds.begin() + static_cast<std::ptrdiff_t>(engines.size()), fds.end(), others.begin());
  return news(engines) != before ||
         std::ranges::any_of(engines, [](Engine* at) { return at->outcome().has_value(); }) ||
         std::ranges::any_of(others, [](const pollfd& fd) { return fd.revents != 0; });
}

}  // namespace

void wait(std::span<Engine* const> engines, std::span<pollfd> others, std::optional<TimePoint> deadline) {
  // What the program has done since the last time goes out before it waits. All is looked at, too: who was stopped, or
  // busy, for a minute would else take for silence what is there to be read.
  if (poll_once(engines, others, 0)) return;
  for (const Engine* engine : engines) {
    if (const auto at = engine->deadline(); at && (!deadline || *at < *deadline)) deadline = at;
  }
  (void)poll_once(engines, others, poll_timeout(deadline, Clock::now()));
}

void wait(Engine& engine, std::span<pollfd> others, std::optional<TimePoint> deadline) {
  wait(std::array{&engine}, others, deadline);
}

}  // namespace parley::client

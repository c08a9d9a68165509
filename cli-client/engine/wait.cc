#include "cli-client/engine/wait.h"

#include <algorithm>
#include <vector>

namespace parley::client {

void wait(Engine& engine, std::span<pollfd> others, std::optional<Engine::TimePoint> deadline) {
  for (pollfd& fd : others) fd.revents = 0;
  const std::uint64_t news = engine.news();
  engine.advance(0, Engine::Clock::now());
  if (engine.news() != news || engine.outcome()) return;

  std::vector<pollfd> fds{engine.wanted()};
  fds.insert(fds.end(), others.begin(), others.end());
  if (const auto at = engine.deadline(); at && (!deadline || *at < *deadline)) deadline = at;
  int timeout = -1;
  if (deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Engine::Clock::now()).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
  }
  const bool ready = ::poll(fds.data(), fds.size(), timeout) > 0;
  if (ready) std::copy(fds.begin() + 1, fds.end(), others.begin());
  engine.advance(ready ? fds[0].revents : short{0}, Engine::Clock::now());
}

}  // namespace parley::client

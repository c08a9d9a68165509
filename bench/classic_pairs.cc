#include "bench/classic_pairs.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace parley::bench {
namespace {

// Opening costs us as much as the relay, so one in this many is enough to know that the relay does its work.
constexpr std::size_t kVerifyOneIn = 256;
constexpr int kPatienceMs = 10'000;

std::size_t partner(std::size_t index) { return index ^ 1; }

}  // namespace

ClassicPairs::ClassicPairs(std::uint16_t port, std::size_t sessions, const classic::PrivateKey& client_key)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  connections_.reserve(2 * sessions);
  sent_.resize(2 * sessions);
  for (std::size_t session = 0; session < sessions; ++session) add_session(port, client_key);
}

ClassicPairs::~ClassicPairs() { close(epoll_); }

void ClassicPairs::add_session(std::uint16_t port, const classic::PrivateKey& client_key) {
  const std::size_t first = connections_.size();
  connections_.emplace_back(port, client_key);
  connections_.emplace_back(port, client_key);
  for (const std::size_t index : {first, first + 1}) {
    connections_[index].receive_relay_key();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[index].descriptor(), &event) != 0) {
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
  }
  connections_[first].send_block();
  epoll_event event{};
  while (true) {
    if (epoll_wait(epoll_, &event, 1, kPatienceMs) <= 0) throw std::runtime_error("no session came about");
    if (event.data.u64 != first + 1) throw std::runtime_error("the message went to another than the partner");
    if (connections_[first + 1].receive(true)) break;
  }
  turn_.push_back(first + 1);
}

void ClassicPairs::send(std::size_t index, Clock::time_point now) {
  connections_[index].send_block();
  sent_[index] = now;
  ++in_flight_;
}

void ClassicPairs::take(std::size_t index, Pattern pattern, Clock::time_point deadline, Outcome& outcome) {
  if (!connections_[index].receive(outcome.messages % kVerifyOneIn == 0)) return;
  const auto now = Clock::now();
  ++outcome.messages;
  --in_flight_;
  turn_[index / 2] = index;
  outcome.latencies.push_back(now - sent_[partner(index)]);
  if (now < deadline) send(pattern == Pattern::turns ? index : partner(index), now);
}

Outcome ClassicPairs::talk(Pattern pattern, std::chrono::nanoseconds duration) {
  Outcome outcome;
  const auto begin = Clock::now();
  for (const std::size_t index : turn_) {
    send(index, Clock::now());
    if (pattern == Pattern::duplex) send(partner(index), Clock::now());
  }
  std::array<epoll_event, 64> events;
  while (in_flight_ > 0) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kPatienceMs);
    if (count <= 0) throw std::runtime_error("nothing arrived for ten seconds");
    for (const auto& event : std::span(events).first(static_cast<std::size_t>(count))) {
      take(event.data.u64, pattern, begin + duration, outcome);
    }
  }
  outcome.wall = Clock::now() - begin;
  return outcome;
}

}  // namespace parley::bench

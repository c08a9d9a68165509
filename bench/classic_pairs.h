#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/classic_connection.h"
#include "protocol/classic/private_key.h"

namespace parley::bench {

enum class Pattern {
  turns,   // one message in flight a session: A to B, B to A, ...
  duplex,  // one message in flight each way
};

struct Outcome {
  std::size_t messages = 0;
  std::chrono::nanoseconds wall{};
  // From the sender's send to the receiver's last byte. In the order of arrival.
  std::vector<std::chrono::nanoseconds> latencies;
};

// Sessions that talk through a relay, all driven by one thread.
class ClassicPairs {
 public:
  // Connects two clients a session, one session after the other, and sends a message through each: so that it is
  // known who is whose partner. Throws std::runtime_error or std::system_error.
  ClassicPairs(std::uint16_t port, std::size_t sessions, const classic::PrivateKey& client_key);
  ~ClassicPairs();
  ClassicPairs(const ClassicPairs&) = delete;
  ClassicPairs& operator=(const ClassicPairs&) = delete;

  // Talks for that long, and until all that is in flight has arrived. Throws as the constructor, and when nothing
  // arrives for ten seconds.
  Outcome talk(Pattern pattern, std::chrono::nanoseconds duration);

 private:
  using Clock = std::chrono::steady_clock;
  void add_session(std::uint16_t port, const classic::PrivateKey& client_key);
  void send(std::size_t index, Clock::time_point now);
  void take(std::size_t index, Pattern pattern, Clock::time_point deadline, Outcome& outcome);

  int epoll_;
  std::vector<ClassicConnection> connections_;  // partners are neighbours: index ^ 1
  std::vector<Clock::time_point> sent_;         // by the sender's index
  // Who received last, by session: whose turn it is. The original design hears nobody else.
  std::vector<std::size_t> turn_;
  std::size_t in_flight_ = 0;
};

}  // namespace parley::bench

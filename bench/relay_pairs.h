#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/tls_end.h"

namespace parley::bench {

enum class Protocol {
  relay1,    // both ends connect, say which room, and speak in frames
  pairs,     // both ends connect and are paired as they come: the floor
  upstream,  // one end connects, the relay connects to the other: nginx, HAProxy
};

struct RelayAddress {
  Protocol protocol{};
  std::uint16_t port = 0;
  // Of Protocol::upstream: where the relay connects to, and as whom we answer.
  std::uint16_t upstream_port = 0;
  std::string certificate = {};
  std::string key = {};
};

struct Transfer {
  std::size_t messages = 0;
  std::size_t bytes = 0;  // of the messages, without frames
  std::chrono::nanoseconds wall{};
  // From the send, or from when it was due, to the receiver's last byte.
  std::vector<std::chrono::nanoseconds> latencies;
};

// Pairs that talk through a relay over TLS, all driven by one thread. All methods throw std::runtime_error or
// std::system_error: when the relay ends a connection, mixes messages up, or nothing happens for ten seconds.
class RelayPairs {
 public:
  explicit RelayPairs(const RelayAddress& relay);
  ~RelayPairs();
  RelayPairs(const RelayPairs&) = delete;
  RelayPairs& operator=(const RelayPairs&) = delete;

  // Connects, a few at a time, until there are so many pairs that have sent a message each way.
  void open(std::size_t pairs);
  // Says goodbye where the protocol can, and closes all.
  void close();
  std::size_t size() const { return partners_ / 2; }

  // 64 bytes to and fro, one message in flight a pair.
  Transfer turns(std::chrono::nanoseconds duration);
  // Full records one way, as fast as they go.
  Transfer stream(std::chrono::nanoseconds duration);
  // 64 bytes, so many messages a second over all pairs, due at even distances whatever has arrived.
  Transfer paced(std::chrono::nanoseconds duration, double messages_per_s);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kNobody = SIZE_MAX;
  enum class Pattern { introduction, turns, stream, paced };
  struct End;

  void add_end(int descriptor, TlsEnd::Role role);
  void connect_pair();
  void watch(std::size_t index, std::uint32_t events, int how);
  // Waits for events, handles them. False when there were none in that time.
  bool poll(std::chrono::nanoseconds patience);
  void handle(std::size_t index, std::uint32_t events);
  void receive(std::size_t index);
  std::size_t take_frames(std::size_t index, std::span<std::byte> bytes);
  std::size_t take_raw(std::size_t index, std::span<std::byte> bytes);
  void take_message(std::size_t index, std::span<const std::byte> message);
  void meet(std::size_t index, std::size_t partner);
  void send_message(std::size_t index);
  void send_more(std::size_t index);
  void flush(std::size_t index);
  void watch_writable(std::size_t index, bool wanted);
  void begin(Pattern pattern, std::size_t message_bytes, std::chrono::nanoseconds duration);
  Transfer finish();

  RelayAddress relay_;
  TlsContext client_;
  TlsContext server_;
  int epoll_;
  int listener_ = -1;
  std::vector<std::unique_ptr<End>> ends_;
  std::vector<std::size_t> firsts_;  // of each pair, the end that begins
  std::size_t partners_ = 0;         // ends that know their partner
  std::size_t rooms_ = 0;
  std::vector<std::byte> scratch_;
  std::vector<std::byte> outgoing_;

  Pattern pattern_ = Pattern::introduction;
  std::size_t message_bytes_ = 0;
  Clock::time_point begin_;
  Clock::time_point deadline_;
  std::size_t in_flight_ = 0;
  Transfer transfer_;
};

}  // namespace parley::bench

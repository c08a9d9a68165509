#pragma once

#include <openssl/types.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "admin-api/http/connection_slots.h"
#include "base/openssl_ptr.h"

namespace parley {

struct HttpLimits {
  std::size_t connections = 32;  // and threads, of each listener
  std::size_t head_bytes = 16 * 1024;
  std::size_t body_bytes = 64 * 1024;
  std::size_t requests_per_connection = 100;
  std::chrono::milliseconds idle{30'000};      // between requests
  std::chrono::milliseconds head{5'000};       // from a request's first byte to its last
  std::chrono::milliseconds response{10'000};  // for the client to take a whole answer
  std::chrono::milliseconds linger{1'000};     // for the client to close once everything is said
};

// One HTTP client's connection, inside TLS or not, with deadlines for a whole request and a whole answer, so that
// dripping bytes gains a client nothing. Owned by one thread. After a failure every read and write fails.
class ClientSocket {
 public:
  // `fd` is connected, does not block, has a slot, and is closed with the object. `tls`: nullptr for none.
  ClientSocket(int fd, ConnectionSlots& slots, const HttpLimits& limits, SSL_CTX* tls = nullptr);
  ~ClientSocket();
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  // "192.0.2.1:50000", "[2001:db8::1]:50000"; of a Unix socket whose process is there: "uid 1000".
  std::string peer() const;

  enum class Greeting { done, failed, not_tls };
  // TLS' handshake, within the time of a head; done at once when there is no TLS. not_tls: the client does not begin
  // one, and can be told so plainly.
  Greeting greet();
  // Waits for a request's first byte; false when none comes. Starts the deadlines for that request.
  bool await_request();
  // The head of that request, with the empty line that ends it, or without, when it is too large or a line of it does
  // not end as it must. nullopt: it has not come in time, or has no line at all within the bound.
  std::optional<std::string> read_head();
  // That many bytes behind the head; nullopt: they have not come in time.
  std::optional<std::string> read_body(std::size_t bytes);
  // From here on each write has the time that else the whole answer has.
  void begin_endless_answer() { endless_ = true; }
  // All of it, or -1.
  ssize_t write(const char* data, std::size_t size);
  // Tells the client that this is the end, then takes what it may still be sending: closing at once would reset
  // the connection, and the answer might be lost with it.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  // What a step of reading or writing came to, with what to wait for if it has to be done again.
  struct Step {
    std::size_t bytes = 0;
    short wait_for = 0;
    bool ended = false;  // the client says nothing more
  };
  bool begins_tls();
  Step receive(char* data, std::size_t size);
  Step send(const char* data, std::size_t size);
  Step after_tls(int result, std::size_t bytes);
  bool fill();
  bool wait_for(short events);

  // Constant after construction.
  const int fd_;
  ConnectionSlots& slots_;
  const HttpLimits limits_;
  // Owned by the connection's thread.
  SslPtr tls_;  // nullptr: plainly
  Clock::time_point deadline_;
  std::array<char, 4096> buffer_{};
  std::size_t begin_ = 0, end_ = 0;
  bool writing_ = false;
  bool endless_ = false;
  bool failed_ = false;
};

}  // namespace parley

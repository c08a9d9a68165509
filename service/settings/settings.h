#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Plain values that the service is built from. The configuration fills them (service/config); nothing in here
// reads the environment or a file. The defaults are the documented ones.

namespace parley {

using std::chrono::milliseconds;

// Where a TCP listener binds: a numeric IPv4 or IPv6 address and a port (0 picks a free one). The admin endpoint's may
// be a Unix socket, too: "unix:" and an absolute path, and no port.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};
// "127.0.0.1:8080", "[::1]:8080", "unix:/run/parleyd/admin.sock".
std::string to_string(const Endpoint& endpoint);
constexpr std::string_view kUnixPrefix = "unix:";
// The path of a Unix socket; nullopt: it is TCP.
std::optional<std::string> unix_path(const Endpoint& endpoint);

// A numeric IPv4 or IPv6 address whose bits beyond the prefix are zero.
struct Network {
  std::string address;
  unsigned prefix_bits = 0;
  friend bool operator==(const Network&, const Network&) = default;
};
// "10.0.0.0/8", "2001:db8::/32".
std::string to_string(const Network& network);

// A limit of 0 is switched off.
struct Limits {
  std::size_t max_connections = 0;  // 0 here: fitted to the descriptor limit at start
  std::size_t max_connections_per_address = 256;
  double connection_rate_per_address = 20;            // new connections per second
  std::size_t max_rooms_per_address = 64;             // relay/1
  std::size_t buffer_limit = std::size_t{64} * 1024;  // bytes held per direction
  double message_rate_per_connection = 0;             // per second
  std::size_t byte_rate_per_connection = 0;           // per second

  bool throttle() const { return message_rate_per_connection > 0 || byte_rate_per_connection > 0; }
  friend bool operator==(const Limits&, const Limits&) = default;
};

// Zero switches a deadline off.
struct Deadlines {
  milliseconds handshake{10'000};
  milliseconds wait{600'000};
  milliseconds idle{3'600'000};
  milliseconds write{30'000};
  milliseconds drain{30'000};
  milliseconds drain_delay{0};        // between "not ready" and the listeners' closing
  milliseconds resume_grace{60'000};  // relay/1: for a lost client; zero keeps no place
  friend bool operator==(const Deadlines&, const Deadlines&) = default;
};

enum class ClassicKeys { per_connection, shared };
enum class ClassicPace { automatic, always, never };

struct ClassicSettings {
  ClassicKeys keys = ClassicKeys::per_connection;
  unsigned key_bits = 2048;
  std::size_t key_pool = 64;
  milliseconds key_lifetime{3'600'000};
  unsigned min_client_bits = 512;
  ClassicPace pace = ClassicPace::automatic;
  friend bool operator==(const ClassicSettings&, const ClassicSettings&) = default;
};

enum class RelayAccess { open, token };

// Without a certificate, that is with neither `certificate` nor `self_signed`, there is no relay/1. Empty: not given.
struct RelaySettings {
  std::string certificate;  // PEM files
  std::string key;
  std::string self_signed;  // a directory
  std::string client_ca;    // a PEM file: who vouches for clients, which must show a certificate then
  RelayAccess access = RelayAccess::open;
  std::string access_file;
  std::string token_key_file;
  std::string pin_file;  // written, not read
  friend bool operator==(const RelaySettings&, const RelaySettings&) = default;
};

struct ServiceSettings {
  std::vector<Endpoint> classic_listen{{"127.0.0.1", 10000}};
  std::vector<Endpoint> relay_listen;
  bool relay_without_certificate = false;  // relay/1 would be on, but for that
  std::vector<Network> proxies;            // whose connections begin with a PROXY header
  unsigned shards = 0;                     // 0: one per core
  std::optional<unsigned> workers;         // 0: the shards do the RSA operations themselves; none: by cores and engine
  std::string crypto_mb = "auto";          // "auto", "off", or the library's path
  bool log_messages = false;
  Limits limits;
  Deadlines deadlines;
  ClassicSettings classic;
  RelaySettings relay;
};

struct AdminSettings {
  std::vector<Endpoint> listen{{"127.0.0.1", 8080}};
  std::string token_file;            // empty: not given
  std::optional<std::string> token;  // what that holds
  // PEM files; empty: not given. With a certificate the TCP listeners speak TLS.
  std::string certificate;
  std::string key;
  std::string client_ca;  // who vouches for clients, which must show a certificate then
};

enum class LogFormat { text, json };

struct LogSettings {
  std::string level = "info";  // trace, debug, info, warning, error, critical, off
  LogFormat format = LogFormat::text;
};

}  // namespace parley

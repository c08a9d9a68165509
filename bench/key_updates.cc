// A client of relay/1 that does nothing but change its keys: key_updates PORT CONNECTIONS SECONDS [SOURCE].
//
// As many KeyUpdates in a row as the relay lets through, then a frame that it ignores, and again, over connections
// which are made anew when the relay ends them, at the pace at which it lets in one address. Prints how many bytes it
// has sent.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/tls_end.h"
#include "protocol/relay/control.h"
#include "protocol/relay/frame.h"

namespace {

using namespace parley::bench;
using Clock = std::chrono::steady_clock;

constexpr int kInARow = 31;
constexpr int kRowsAtOnce = 16;
constexpr auto kPace = std::chrono::milliseconds(50);

class Client {
 public:
  Client(SSL_CTX* context, std::uint16_t port, const std::string& source)
      : tls_(context, connect_to(port, source), TlsEnd::Role::client) {
    tls_.handshake();
  }

  // How many bytes went out.
  std::size_t go_on() {
    if (!tls_.ready()) tls_.handshake();
    if (!tls_.ready()) return 0;
    if (!tls_.owes()) {
      if (!greeted_) say(parley::relay::to_frame(parley::relay::Hello{.room = "updates-" + std::to_string(rooms_++)}));
      greeted_ = true;
      for (int row = 0; row < kRowsAtOnce; ++row) {
        for (int i = 0; i < kInARow; ++i) tls_.update_keys();
        const std::byte nothing[parley::relay::kPingBytes]{};
        say(parley::relay::to_frame(parley::relay::FrameType::pong, nothing));
      }
    }
    const std::size_t before = tls_.outgoing_bytes();
    tls_.flush();
    return before - tls_.outgoing_bytes();
  }

 private:
  void say(const std::string& frame) { tls_.write(std::as_bytes(std::span(frame))); }

  static inline unsigned rooms_ = 0;
  TlsEnd tls_;
  bool greeted_ = false;
};

std::size_t attack(std::uint16_t port, std::size_t connections, std::chrono::duration<double> seconds,
                   const std::string& source) {
  const TlsContext context = client_context("relay/1");
  std::vector<std::unique_ptr<Client>> clients;
  std::size_t sent = 0;
  auto next_connect = Clock::now();
  for (const auto end = Clock::now() + seconds; Clock::now() < end;) {
    if (clients.size() < connections && Clock::now() >= next_connect) {
      clients.push_back(std::make_unique<Client>(context.get(), port, source));
      next_connect = Clock::now() + kPace;
    }
    std::size_t now = 0;
    for (auto& client : clients) {
      try {
        now += client->go_on();
      } catch (const std::exception&) {  // the relay has ended it
        client.reset();
      }
    }
    std::erase(clients, nullptr);
    sent += now;
    if (now == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return sent;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  try {
    const auto port = static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10));
    const std::chrono::duration<double> seconds(std::strtod(argv[3], nullptr));
    std::printf("%zu\n", attack(port, std::strtoul(argv[2], nullptr, 10), seconds, argc > 4 ? argv[4] : ""));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "key_updates: %s\n", error.what());
    return 1;
  }
}

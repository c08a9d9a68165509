#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "service/access/admission.h"
#include "service/net/listener.h"
#include "service/net/proxy_reader.h"
#include "service/pairing/classic_pairing.h"
#include "service/pairing/relay_pairing.h"
#include "service/rsa/key_pool.h"
#include "service/session/dismissed_legs.h"

namespace parley {

// What becomes of them in a drain.
enum class Listeners : std::uint8_t { close, stay };

// A shard's way in: from a listener, past the limits and what a proxy says, through the handshake, to those who find
// the leg its partner. Runs on the shard's thread.
class Acceptor {
 public:
  // Shared by all shards; each is thread-safe.
  struct Services {
    Admission& admission;
    rsa::KeyPool& key_pool;
    std::atomic<std::uint64_t>& next_id;
  };
  // All must outlive it.
  Acceptor(ShardContext& shard, Services services, DismissedLegs& dismissed, ClassicPairing& classic,
           RelayPairing& relay)
      : shard_(shard), services_(services), dismissed_(dismissed), classic_(classic), relay_(relay) {}

  // Before run().
  void add_listener(Descriptor socket, Protocol protocol);
  void run();

  // Sends away who is on the way in, and closes the protocol's listeners. Or leaves them open: then who comes to
  // classic is refused, and who comes to relay/1 is let in to be told.
  void drain(Protocol protocol, Listeners listeners);
  // Lets in again who comes to listeners that were left open.
  void undrain(Protocol protocol) { draining_[static_cast<std::size_t>(protocol)] = false; }
  // Waits for nobody any longer; after drain().
  void abort();

 private:
  struct KeyWait;

  void accept(Protocol protocol, Descriptor socket, const sockaddr_storage& peer);
  void refuse(Protocol protocol, const sockaddr_storage& client, Refusal reason, std::string_view detail = {});
  // A connection that has its place; `client` is who it comes from, whoever has passed it on.
  awaitable<void> serve(Protocol protocol, Descriptor socket, const sockaddr_storage& client, std::string key,
                        TimePoint connected_at, Admission::Place place);
  // One that a proxy passes on, until it is known for whom.
  awaitable<void> serve_proxied(Protocol protocol, Descriptor socket, sockaddr_storage peer, Admission::Place place);
  awaitable<tl::expected<ProxyHeader, std::string_view>> read_proxy_header(Protocol protocol, const Descriptor& socket);
  awaitable<void> serve_classic(Descriptor socket, LegInfo info, Admission::Place place);
  awaitable<void> serve_relay(Descriptor socket, LegInfo info, Admission::Place place);
  // nullptr: none came within the handshake deadline, or the relay is draining.
  awaitable<rsa::KeyPtr> take_key(const LegInfo& info);
  // The handshake, for either. nullopt: done; else why the leg has ended.
  awaitable<std::optional<EndReason>> greet(Leg& leg);

  ShardContext& shard_;
  const Services services_;
  DismissedLegs& dismissed_;
  ClassicPairing& classic_;
  RelayPairing& relay_;
  bool draining(Protocol protocol) const { return draining_[static_cast<std::size_t>(protocol)]; }

  struct Entrance {
    Protocol protocol;
    std::unique_ptr<Listener> listener;
  };
  std::vector<Entrance> entrances_;
  std::unordered_map<ProxyReader*, Protocol> proxy_readers_;
  std::unordered_set<KeyWait*> key_waits_;
  std::unordered_set<Leg*> handshaking_;
  std::array<bool, kProtocols> draining_{};
};

}  // namespace parley

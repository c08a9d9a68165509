#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/classic/private_key.h"
#include "protocol/classic/public_key.h"
#include "service/rsa/engine.h"
#include "service/session/classic_leg.h"
#include "service/session/context.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_stream.h"

namespace parley::test {

// A shard without a thread: its loop runs when told to, its clock is turned by hand, and its workers do each job
// on the spot.
class FakeShard {
 public:
  FakeShard();

  // Runs all that is ready.
  void run();
  void advance(TimePoint::duration by);

  FakeClock clock;
  InTransit in_transit;
  Events events;
  asio::io_context io;
  ShardContext context;

 private:
  std::unique_ptr<rsa::Engine> engine_;
};

// A classic client as the relay sees it: it has a key, and sends and takes bytes.
class ClassicPeer {
 public:
  // Keys are made once for the whole run, one for each length.
  explicit ClassicPeer(unsigned bits = 1024);

  const std::string& pem() const { return key().public_pem(); }
  const classic::PrivateKey& key() const { return *key_; }

  // Takes the relay's key off what has come.
  void take_relay_key();
  std::vector<std::byte> seal(std::string_view message) const;
  void send(std::string_view message) { connection->peer_sends(seal(message)); }
  // Opens every whole block that has come.
  std::vector<std::string> take_messages();

  std::shared_ptr<MemoryConnection> connection = std::make_shared<MemoryConnection>();

 private:
  std::shared_ptr<const classic::PrivateKey> key_;
  std::optional<classic::PublicKey> relay_key_;
};

// A key made once for the whole run.
rsa::KeyPtr test_key(unsigned bits);

// The leg for `peer`, not yet greeted.
std::unique_ptr<ClassicLeg> make_leg(FakeShard& shard, const ClassicPeer& peer);

}  // namespace parley::test

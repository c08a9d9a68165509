#include "tests/support/classic_fixture.h"

#include <map>
#include <stdexcept>

namespace parley::test {

FakeShard::FakeShard() : io(1), context(io, clock, in_transit, events), engine_(rsa::make_openssl_engine()) {
  context.submit = [this](rsa::OpenJob& job) {
    for (rsa::Opening& opening : job.openings) {
      rsa::Opening* const one[] = {&opening};
      engine_->open(one);
    }
    job.done();
  };
}

void FakeShard::run() {
  io.restart();
  io.poll();
}

void FakeShard::advance(TimePoint::duration by) {
  clock.advance(by);
  context.wheel.advance(clock.now());
  run();
}

rsa::KeyPtr test_key(unsigned bits) {
  static std::map<unsigned, rsa::KeyPtr> keys;
  rsa::KeyPtr& key = keys[bits];
  if (!key) key = std::make_shared<const classic::PrivateKey>(classic::PrivateKey::generate(bits));
  return key;
}

ClassicPeer::ClassicPeer(unsigned bits) : key_(test_key(bits)) {}

void ClassicPeer::take_relay_key() {
  const auto bytes = connection->peer_takes();
  auto key = classic::PublicKey::from_pem({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!key) throw std::runtime_error("the relay sent no key: " + key.error().message());
  relay_key_ = std::move(*key);
}

std::vector<std::byte> ClassicPeer::seal(std::string_view message) const {
  std::vector<std::byte> block(relay_key_->block_bytes());
  if (const auto failed = relay_key_->seal(std::as_bytes(std::span(message)), block)) {
    throw std::runtime_error("cannot seal: " + failed.message());
  }
  return block;
}

std::vector<std::string> ClassicPeer::take_messages() {
  const auto bytes = connection->peer_takes();
  const std::size_t block_bytes = key().block_bytes();
  std::vector<std::string> messages;
  for (std::size_t at = 0; at + block_bytes <= bytes.size(); at += block_bytes) {
    std::vector<std::byte> message(block_bytes);
    const auto length = key().open(std::span(bytes).subspan(at, block_bytes), message);
    if (!length) throw std::runtime_error("the relay sent a block that is out of range");
    messages.emplace_back(reinterpret_cast<const char*>(message.data()), *length);
  }
  return messages;
}

std::unique_ptr<ClassicLeg> make_leg(FakeShard& shard, const ClassicPeer& peer) {
  static std::uint64_t next_id = 0;
  ClassicState state;
  state.info = {.id = LegId{++next_id},
                .address = "192.0.2.1:" + std::to_string(next_id),
                .address_key = "192.0.2.1",
                .connected = {},
                .connected_at = shard.clock.now()};
  state.relay_key = test_key(2048);
  return std::make_unique<ClassicLeg>(shard.context, std::make_unique<MemoryStream>(peer.connection), std::move(state));
}

}  // namespace parley::test

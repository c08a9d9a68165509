// A whole classic session on a shard without threads: the input is what the first client sends and when, the second
// client behaves. Whatever comes, nothing is held beyond the limits, and everything ends.

#include <cstdint>

#include "service/session/session.h"
#include "tests/fuzz/input.h"
#include "tests/support/classic_fixture.h"

namespace {

using namespace std::chrono_literals;
using parley::fuzz::Script, parley::fuzz::require;
using parley::test::ClassicPeer;
using parley::test::FakeShard;

parley::awaitable<void> serve(FakeShard& shard, std::unique_ptr<parley::ClassicLeg> hostile,
                              std::unique_ptr<parley::ClassicLeg> good, bool& ended) {
  const auto refused = co_await hostile->handshake();
  if (!refused && !co_await hostile->wait_for_partner()) {
    parley::Session session(shard.context, parley::SessionId{1}, std::move(hostile), std::move(good));
    session.begin();
    co_await session.run();
  } else {
    co_await hostile->wait_closed();
    co_await good->wait_closed();
  }
  ended = true;
}

parley::awaitable<void> greet(parley::ClassicLeg& leg) { co_await leg.handshake(); }

void act(Script& script, FakeShard& shard, ClassicPeer& hostile, ClassicPeer& good, parley::ClassicLeg& leg) {
  enum { kSend, kSendKey, kSendBlock, kTake, kWait, kPartner, kPartnerTalks, kClose, kBreak, kActs };
  switch (script.byte() % kActs) {
    case kSend:
      if (!script.empty()) hostile.connection->peer_sends(script.bytes(script.byte()));
      break;
    case kSendKey:
      hostile.connection->peer_sends(hostile.pem());
      break;
    case kSendBlock:
      hostile.send("a message");
      break;
    case kTake:
      hostile.connection->peer_takes();
      break;
    case kWait:
      if (!script.empty()) shard.advance(script.byte() * 100ms);
      break;
    case kPartner:
      leg.partner_came();
      break;
    case kPartnerTalks:
      good.send(std::string(script.empty() ? 0 : script.byte() % 246, 'x'));  // what one block holds, at most
      break;
    case kClose:
      hostile.connection->peer_closes();
      break;
    case kBreak:
      hostile.connection->connection_breaks();
      break;
    default:
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 4096;
  // What is held beside the two queues: a batch being opened each way, and the message that overshot.
  constexpr std::size_t kMost = 2 * (kLimit + 8 * 256 + 8 * 1024);
  FakeShard shard;
  shard.context.limits.buffer_limit = kLimit;
  ClassicPeer hostile(512);
  ClassicPeer good(1024);
  bool ended = false;
  parley::Gate gate;

  auto good_leg = parley::test::make_leg(shard, good);
  gate.spawn(shard.context.executor(), greet(*good_leg));
  shard.run();
  good.take_relay_key();
  good.connection->peer_sends(good.pem());
  shard.run();

  auto hostile_leg = parley::test::make_leg(shard, hostile);
  parley::ClassicLeg& leg = *hostile_leg;
  gate.spawn(shard.context.executor(), serve(shard, std::move(hostile_leg), std::move(good_leg), ended));
  shard.run();
  hostile.take_relay_key();
  hostile.connection->window = 1000;

  Script script(data, size);
  while (!script.empty() && !ended) {
    act(script, shard, hostile, good, leg);
    shard.run();
    require(shard.context.counters.buffered_bytes.get() <= kMost);
    good.connection->peer_takes();
    shard.run();
  }
  hostile.connection->peer_closes();
  good.connection->peer_closes();
  for (int i = 0; i < 100 && !ended; ++i) shard.advance(60s);
  require(ended);
  require(shard.context.counters.buffered_bytes.get() == 0);
  return 0;
}

// A session of relay/1 on a shard without threads: the input is what the first client sends inside TLS and when, and
// when it comes back; the second client behaves. Whatever comes, nothing is held beyond the limits, everything ends,
// and the second gets well-formed frames only.

#include <cstdint>
#include <string>

#include "service/session/relay_session.h"
#include "tests/fuzz/input.h"
#include "tests/support/relay_fixture.h"

namespace {

using namespace std::chrono_literals;
using parley::fuzz::Script, parley::fuzz::require;
using parley::relay::FrameType;
using parley::test::FakeShard;
using parley::test::RelayPeer;

// What is held beside a direction's batch: a frame that has begun, a control frame or two.
constexpr std::size_t kMost = 2 * (64 * 1024 + 16'384 + 16'384);

parley::awaitable<void> carry(parley::Session& session, bool& ended) {
  co_await session.run();
  ended = true;
}

struct NoRoom final : parley::RelaySession::Keeper {
  void held(const parley::RelaySession&, bool) override {}
  void over(const parley::RelaySession&) override {}
};

parley::awaitable<void> greet(parley::Leg& leg, bool& greeted) { greeted = !co_await leg.handshake(); }

// A new connection of the hostile client, for the session if its HELLO is one.
parley::awaitable<void> come_back(std::unique_ptr<parley::RelayLeg> leg, parley::RelaySession& session,
                                  const bool& ended) {
  const auto refused = co_await leg->handshake();
  if (!refused && !ended && session.rejoin(parley::relay::Role::first, leg)) co_return;
  co_await leg->dismiss(refused.value_or(parley::EndReason::bad_resume));
}

std::unique_ptr<parley::RelayLeg> greeted_leg(FakeShard& shard, parley::Gate& gate, RelayPeer& peer) {
  auto leg = parley::test::make_leg(shard, peer);
  bool greeted = false;
  peer.hello();
  gate.spawn(shard.context.executor(), greet(*leg, greeted));
  shard.run();
  require(greeted);
  return leg;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FakeShard shard;
  RelayPeer hostile;
  RelayPeer good;
  parley::Gate gate;
  bool ended = false;
  auto first = greeted_leg(shard, gate, hostile);
  auto second = greeted_leg(shard, gate, good);
  NoRoom nobody;
  parley::RelaySession session(shard.context, parley::SessionId{1}, {.room = "room", .grace = 60s}, std::move(first),
                               std::move(second), nobody);
  session.begin();
  gate.spawn(shard.context.executor(), carry(session, ended));
  shard.run();
  hostile.connection->window = 1000;

  Script script(data, size);
  while (!script.empty() && !ended) {
    enum { kSend, kSendFrame, kTake, kWait, kPartnerTalks, kClose, kBreak, kComeBack, kActs };
    switch (script.byte() % kActs) {
      case kSend:
        hostile.connection->peer_sends(script.bytes(script.byte()));
        break;
      case kSendFrame: {
        const auto type = static_cast<FrameType>(script.byte());
        hostile.send(type, std::string(script.byte() * 64U, 'x'));
        break;
      }
      case kTake:
        hostile.connection->peer_takes();
        break;
      case kWait:
        shard.advance(script.byte() * 100ms);
        break;
      case kPartnerTalks:
        good.send(FrameType::ready);
        good.send(FrameType::data, std::string(script.byte() * 64U, 'y'));
        break;
      case kClose:
        hostile.connection->peer_closes();
        break;
      case kBreak:
        hostile.connection->connection_breaks();
        break;
      case kComeBack:
        hostile = RelayPeer();
        gate.spawn(shard.context.executor(), come_back(parley::test::make_leg(shard, hostile), session, ended));
        if (script.byte() % 2 == 0) hostile.hello();
        break;
      default:
        break;
    }
    shard.run();
    require(shard.context.counters.buffered_bytes.get() <= kMost);
    good.take();
    shard.run();
  }
  hostile.connection->peer_closes();
  good.connection->peer_closes();
  for (int i = 0; i < 200 && (!ended || gate.inside() != 0); ++i) shard.advance(60s);
  require(ended && gate.inside() == 0);
  require(shard.context.counters.buffered_bytes.get() == 0);
  return 0;
}

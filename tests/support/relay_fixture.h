#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/relay/control.h"
#include "protocol/relay/frame.h"
#include "service/session/relay_leg.h"
#include "tests/support/classic_fixture.h"
#include "tests/support/memory_stream.h"

namespace parley::test {

// A client of relay/1 as the relay sees it, inside TLS: it sends and takes frames.
class RelayPeer {
 public:
  struct Frame {
    relay::FrameType type;
    std::string payload;
  };

  void send(relay::FrameType type, std::string_view payload = {});
  void hello(std::string room = "room");
  // The whole frames that have come.
  std::vector<Frame> take();
  // Their payloads, when all of them are DATA.
  std::vector<std::string> take_messages();

  std::shared_ptr<MemoryConnection> connection = std::make_shared<MemoryConnection>();

 private:
  std::vector<std::byte> partial_;
};

// Made once for the whole run: a certificate that signs itself, and a token key.
std::shared_ptr<const Credentials> test_credentials();

// The leg for `peer`, not yet greeted.
std::unique_ptr<RelayLeg> make_leg(FakeShard& shard, const RelayPeer& peer);

}  // namespace parley::test

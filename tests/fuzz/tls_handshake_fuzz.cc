// What comes over a connection that is to be TLS: anything at all, or a real ClientHello that was tampered with. Nobody
// is let in by it, and who is told to stop stops.

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "tests/fuzz/input.h"
#include "tests/support/tls_fixture.h"

namespace {

using parley::Bytes, parley::IoStatus;
using parley::fuzz::Script, parley::fuzz::require;
using parley::test::FakeShard, parley::test::TlsPeer, parley::test::TlsServer;

void end(TlsServer& server) {
  server.connection().peer_closed = true;
  server.receives("");
  require(server.idle() && server.greeted() && *server.greeted() != IoStatus::ok);
}

void greet_with_anything(FakeShard& shard, Script& script) {
  TlsServer server(shard);
  while (!script.empty() && !server.idle()) server.receives(script.bytes(std::size_t{1} + script.byte()));
  end(server);
}

void greet_tampering(FakeShard& shard, Script& script) {
  TlsServer server(shard);
  TlsPeer peer;
  peer.handshake();
  const Bytes hello = peer.take_output();
  Bytes tampered = hello;
  while (!script.empty()) {
    const std::size_t at = script.word() % hello.size();
    tampered[at] ^= std::byte{script.byte()};
  }
  // The version in the record's header means nothing (RFC 8446 section 5.1).
  constexpr std::ptrdiff_t kMeaningless = 3;
  const bool changed = tampered[0] != hello[0] ||
                       !std::equal(hello.begin() + kMeaningless, hello.end(), tampered.begin() + kMeaningless);
  server.receives(tampered);
  peer.give_input(server.connection().peer_takes());
  peer.handshake();
  server.exchange(peer);
  if (server.greeted() != IoStatus::ok) return end(server);
  require(!changed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FakeShard shard;
  Script script(data, size);
  script.byte() % 2 == 0 ? greet_with_anything(shard, script) : greet_tampering(shard, script);
  return 0;
}

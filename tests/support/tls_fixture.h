#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/openssl_ptr.h"
#include "service/loop/gate.h"
#include "service/net/tls_record.h"
#include "service/net/tls_stream.h"
#include "tests/support/classic_fixture.h"
#include "tests/support/memory_stream.h"

namespace parley::test {

// OpenSSL as a TLS client, in memory.
class TlsPeer {
 public:
  struct Offer {
    std::string_view alpn = "\x07relay/1";  // RFC 7301's list: each name behind its length
    const char* suites = nullptr;           // OpenSSL's own
    const char* groups = nullptr;           // OpenSSL's own
    bool old_version = false;               // TLS 1.2 at most
  };
  TlsPeer() : TlsPeer(Offer{}) {}
  explicit TlsPeer(const Offer& offer);

  SSL* ssl() const { return ssl_.get(); }
  void handshake();
  void says(std::string_view text);
  // All that can be read now.
  std::string hears();
  // What it has to send.
  std::vector<std::byte> take_output();
  void give_input(std::span<const std::byte> bytes);
  // The last alert that it was sent; -1: none.
  int alert() const { return notes_->alert; }
  // How often it was told of new keys.
  int key_updates() const { return notes_->key_updates; }
  // What its records after the handshake are sealed under: to send some that OpenSSL would not.
  RecordKeys keys() const;

 private:
  struct Notes {
    int alert = -1;
    int key_updates = 0;
    TrafficSecret secret;
  };
  std::unique_ptr<Notes> notes_ = std::make_unique<Notes>();
  SslCtxPtr context_;
  SslPtr ssl_;
};

// A TlsStream on a shard without threads, at the other end of a connection held in memory.
class TlsServer {
 public:
  explicit TlsServer(FakeShard& shard, std::uint64_t records_per_key = TlsStream::kRecordsPerKey);
  // Behind the handshake.
  TlsServer(FakeShard& shard, TlsStream::Keys agreed);

  // Lets both greet each other.
  void meet(TlsPeer& peer);
  // Carries what both have to say to the other, `chunk` bytes of the client's at a time.
  void exchange(TlsPeer& peer, std::size_t chunk = SIZE_MAX);
  // What the client has sent arrives.
  void receives(std::span<const std::byte> bytes);
  void receives(std::string_view text) { receives(std::as_bytes(std::span(text))); }
  // All that can be read now; status() is what ended it.
  std::string hears();
  IoStatus status() const { return status_; }
  // How the handshake has ended.
  std::optional<IoStatus> greeted() const { return greeted_; }
  bool idle() const { return gate_.inside() == 0; }

  TlsStream& stream() { return stream_; }
  MemoryConnection& connection() { return *connection_; }

 private:
  awaitable<void> greet() { greeted_ = co_await stream_.handshake(); }

  FakeShard& shard_;
  std::shared_ptr<MemoryConnection> connection_ = std::make_shared<MemoryConnection>();
  TlsStream stream_;
  std::optional<IoStatus> greeted_;
  IoStatus status_ = IoStatus::ok;
  Gate gate_;
};

}  // namespace parley::test

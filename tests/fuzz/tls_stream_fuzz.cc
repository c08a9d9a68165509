// What comes over a connection that is to be TLS: anything at all, a real ClientHello that was tampered with, or a
// client that holds the keys, with records of every kind, cut and forged. What is read is what was sealed, in order and
// up to the first thing that is wrong; nothing is read after it; and who is told to stop stops.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "tests/fuzz/input.h"
#include "tests/support/tls_fixture.h"

namespace {

using parley::Bytes, parley::ContentType, parley::IoStatus;
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

// A client that seals what it likes.
class Session {
 public:
  explicit Session(FakeShard& shard) : server_(shard) {
    server_.meet(peer_);
    require(server_.greeted() == IoStatus::ok);
    keys_.emplace(peer_.keys());
    peer_.hears();  // the tickets
  }

  void seal(ContentType type, std::span<const std::byte> content) {
    Bytes record(content.size() + parley::kRecordOverhead);
    require(keys_->seal(type, content, record) == record.size());
    wire_.insert(wire_.end(), record.begin(), record.end());
    if (ended_) return;
    // The type is the last byte that is not zero (RFC 8446 section 5.4).
    Bytes inner(content.begin(), content.end());
    inner.push_back(static_cast<std::byte>(type));
    while (!inner.empty() && inner.back() == std::byte{0}) inner.pop_back();
    const auto real = inner.empty() ? ContentType{} : static_cast<ContentType>(inner.back());
    if (!inner.empty()) inner.pop_back();
    const bool carries = real == ContentType::application_data && !inner.empty() && message_.empty();
    empty_ = carries ? 0 : empty_ + 1;
    if (carries) earned_ = std::min(earned_ + 1, kMostEarned);
    if (content.size() > parley::kMaxRecordPlaintext || empty_ > parley::TlsStream::kMostEmptyRecords) {
      ended_ = true;
    } else if (real == ContentType::application_data && message_.empty()) {
      said_.append(reinterpret_cast<const char*>(inner.data()), inner.size());
    } else if (real == ContentType::handshake && !inner.empty()) {
      message_.insert(message_.end(), inner.begin(), inner.end());
      take_message();
    } else {
      ended_ = true;
    }
  }
  void say(std::size_t count) {
    Bytes text(count);
    for (std::byte& byte : text) byte = static_cast<std::byte>(next_++ * 7);
    seal(ContentType::application_data, text);
  }
  void forge(std::span<const std::byte> bytes) {
    wire_.insert(wire_.end(), bytes.begin(), bytes.end());
    forged_ = forged_ || !bytes.empty();
    ended_ = ended_ || forged_;
  }
  // Once: a second time could undo it.
  void flip(std::size_t at, std::byte change) {
    if (forged_ || wire_.empty() || change == std::byte{0}) return;
    wire_[at % wire_.size()] ^= change;
    forged_ = ended_ = true;
  }
  void deliver(std::size_t count) {
    count = std::min(count, wire_.size());
    server_.receives(std::span(wire_).first(count));
    wire_.erase(wire_.begin(), wire_.begin() + static_cast<std::ptrdiff_t>(count));
    const bool failed = server_.status() == IoStatus::failed || server_.status() == IoStatus::closed;
    const std::string more = server_.hears();
    require(!failed || (more.empty() && server_.status() != IoStatus::would_block));
    heard_ += more;
    require(said_.starts_with(heard_));
  }
  void answer(std::size_t count, std::size_t window) {
    server_.connection().window = window;
    const Bytes text(count, static_cast<std::byte>(answered_.size()));
    const auto sent = server_.stream().write_some(text);
    if (sent.status == IoStatus::ok)
      answered_.append(reinterpret_cast<const char*>(text.data()), std::min(sent.bytes, text.size()));
    take();
  }
  void finish() {
    deliver(wire_.size());
    require(forged_ || heard_ == said_);
    require(forged_ || ended_ == (server_.status() != IoStatus::would_block));
    server_.connection().window = SIZE_MAX;
    take();
    while (server_.stream().write_some({}).status == IoStatus::ok && server_.stream().unsent() > 0) take();
    take();
    require(server_.status() == IoStatus::failed || answers_heard_ == answered_);
  }

 private:
  static constexpr unsigned kMostEarned = parley::TlsStream::kMostKeyUpdates * parley::TlsStream::kRecordsPerKeyUpdate;
  // A KeyUpdate, as far as it has come.
  void take_message() {
    constexpr std::byte kHead[] = {std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1}};
    const std::size_t head = std::min(message_.size(), std::size(kHead));
    ended_ = !std::equal(message_.begin(), message_.begin() + static_cast<std::ptrdiff_t>(head), kHead) ||
             message_.size() > std::size(kHead) + 1;
    if (ended_ || message_.size() <= std::size(kHead)) return;
    ended_ = message_.back() > std::byte{1} || earned_ < parley::TlsStream::kRecordsPerKeyUpdate;
    message_.clear();
    if (ended_) return;
    earned_ -= parley::TlsStream::kRecordsPerKeyUpdate;
    require(keys_->update());
  }
  void take() {
    peer_.give_input(server_.connection().peer_takes());
    answers_heard_ += peer_.hears();
    require(answered_.starts_with(answers_heard_));
  }

  TlsPeer peer_;
  TlsServer server_;
  std::optional<parley::RecordKeys> keys_;
  Bytes wire_;        // sealed, and not yet delivered
  std::string said_;  // before anything that ends it
  std::string heard_;
  std::string answered_;  // taken to be sent
  std::string answers_heard_;
  unsigned empty_ = 0;  // records without content, in a row
  unsigned earned_ = kMostEarned;
  Bytes message_;       // the beginning of one of the handshake's
  bool ended_ = false;  // by what has been sealed or forged
  bool forged_ = false;
  unsigned next_ = 0;
};

void talk(FakeShard& shard, Script& script) {
  Session session(shard);
  while (!script.empty()) {
    enum { kSay, kSayMuch, kSeal, kUpdate, kForge, kFlip, kDeliver, kAnswer, kActs };
    switch (script.byte() % kActs) {
      case kSay:
        session.say(script.byte());
        break;
      case kSayMuch:
        session.say(std::min<std::size_t>(script.byte() * 65U, parley::kMaxRecordPlaintext));
        break;
      case kSeal: {
        const auto type = static_cast<ContentType>(script.byte());
        session.seal(type, script.bytes(script.byte()));
        break;
      }
      case kUpdate: {
        const std::byte update[] = {std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1},
                                    std::byte{script.byte()} & std::byte{1}};
        session.seal(ContentType::handshake, update);
        break;
      }
      case kForge:
        session.forge(script.bytes(script.byte()));
        break;
      case kFlip: {
        const std::size_t at = script.word();
        session.flip(at, std::byte{script.byte()});
        break;
      }
      case kDeliver:
        session.deliver(std::size_t{1} + script.byte() * 16U);
        break;
      case kAnswer: {
        const std::size_t count = script.byte() * 80U;
        session.answer(count, script.byte() * 80U);
        break;
      }
      default:
        break;
    }
  }
  session.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FakeShard shard;
  Script script(data, size);
  constexpr void (*kKinds[])(FakeShard&, Script&) = {greet_with_anything, greet_tampering, talk};
  kKinds[script.byte() % std::size(kKinds)](shard, script);
  return 0;
}

// A client that has been let in, with records of every kind, cut and forged. What is read is what was sealed, in order
// and up to the first thing that is wrong; nothing is read after it; who is told to stop stops; and the answers are
// well formed. The handshake is not done each time, as it costs a thousand times as much.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "tests/fuzz/input.h"
#include "tests/support/tls_fixture.h"

namespace {

using parley::Bytes, parley::ContentType, parley::IoStatus, parley::RecordKeys;
using parley::fuzz::Script, parley::fuzz::require;
using parley::test::FakeShard, parley::test::TlsServer;

constexpr std::byte kClient{1}, kServer{2};
constexpr std::byte kKeyUpdate[] = {std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1}, std::byte{0}};

RecordKeys keys(std::byte whose) {
  constexpr std::uint16_t kAes128Gcm = 0x1301;  // RFC 8446 section B.4
  constexpr std::size_t kSha256Bytes = 32;
  std::array<std::byte, kSha256Bytes> secret;
  secret.fill(whose);
  return {*parley::find_cipher_suite(kAes128Gcm), parley::TrafficSecret(secret), 0};
}

// A client that seals what it likes.
class Session {
 public:
  explicit Session(FakeShard& shard)
      : server_(shard, {.read = keys(kClient), .write = keys(kServer)}), write_(keys(kClient)), read_(keys(kServer)) {}

  void seal(ContentType type, std::span<const std::byte> content) {
    Bytes record(content.size() + parley::kRecordOverhead);
    require(write_.seal(type, content, record) == record.size());
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
    require(said_.starts_with(more));
    said_.erase(0, more.size());
  }
  void answer(std::size_t count, std::size_t window) {
    server_.connection().window = window;
    const Bytes text(count, static_cast<std::byte>(next_++));
    const auto sent = server_.stream().write_some(text);
    if (sent.status == IoStatus::ok)
      answered_.append(reinterpret_cast<const char*>(text.data()), std::min(sent.bytes, text.size()));
    take();
  }
  void finish() {
    deliver(wire_.size());
    require(forged_ || said_.empty());
    require(forged_ || ended_ == (server_.status() != IoStatus::would_block));
    server_.connection().window = SIZE_MAX;
    take();
    while (server_.stream().write_some({}).status == IoStatus::ok && server_.stream().unsent() > 0) take();
    take();
    require(server_.status() == IoStatus::failed || answered_.empty());
  }

 private:
  static constexpr unsigned kMostEarned = parley::TlsStream::kMostKeyUpdates * parley::TlsStream::kRecordsPerKeyUpdate;
  // A KeyUpdate, as far as it has come.
  void take_message() {
    constexpr std::size_t kHead = 4;  // type and length; the length is looked at when it is whole
    const bool other_length = message_.size() >= kHead && !std::equal(kKeyUpdate, kKeyUpdate + kHead, message_.begin());
    ended_ = message_.front() != kKeyUpdate[0] || other_length || message_.size() > std::size(kKeyUpdate);
    if (ended_ || message_.size() < std::size(kKeyUpdate)) return;
    ended_ = message_.back() > std::byte{1} || earned_ < parley::TlsStream::kRecordsPerKeyUpdate;
    message_.clear();
    if (ended_) return;
    earned_ -= parley::TlsStream::kRecordsPerKeyUpdate;
    require(write_.update());
  }
  // What the relay answers is well formed, whatever it was sent.
  void take() {
    const Bytes taken = server_.connection().peer_takes();
    unopened_.insert(unopened_.end(), taken.begin(), taken.end());
    std::span<const std::byte> rest(unopened_);
    while (rest.size() >= parley::kRecordHeaderBytes) {
      const std::size_t bytes = parley::kRecordHeaderBytes + std::to_integer<std::size_t>(rest[3]) * 256 +
                                std::to_integer<std::size_t>(rest[4]);
      require(bytes <= parley::kRecordHeaderBytes + parley::kMaxRecordCiphertext);
      if (rest.size() < bytes) break;
      Bytes content(bytes);
      const RecordKeys::Opened opened = read_.open(rest.first(bytes), content);
      require(opened.authentic && !told_to_stop_);
      content.resize(opened.content_bytes);
      hear(opened.type, content);
      rest = rest.subspan(bytes);
    }
    unopened_.erase(unopened_.begin(), unopened_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  }
  void hear(ContentType type, const Bytes& content) {
    if (type == ContentType::application_data) {
      const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
      require(answered_.starts_with(text));
      answered_.erase(0, text.size());
    } else if (type == ContentType::alert) {
      require(content.size() == 2);
      told_to_stop_ = true;
    } else {
      require(type == ContentType::handshake && content == Bytes(std::begin(kKeyUpdate), std::end(kKeyUpdate)));
      require(read_.update());
    }
  }

  TlsServer server_;
  RecordKeys write_;
  RecordKeys read_;
  Bytes unopened_;  // of what the relay has answered
  bool told_to_stop_ = false;
  Bytes wire_;            // sealed, and not yet delivered
  std::string said_;      // before anything that ends it, and not yet heard
  std::string answered_;  // taken to be sent, and not yet heard
  unsigned empty_ = 0;    // records without content, in a row
  unsigned earned_ = kMostEarned;
  Bytes message_;       // the beginning of one of the handshake's
  bool ended_ = false;  // by what has been sealed or forged
  bool forged_ = false;
  unsigned next_ = 0;
};

// Mostly short, as what is long costs time; up to a whole record, and to more than one.
std::size_t length(Script& script) {
  const std::size_t byte = script.byte();
  constexpr std::size_t kShort = 251, kStep = parley::kMaxRecordPlaintext / 4;
  return byte < kShort ? byte : (byte - kShort + 1) * kStep;
}

void talk(FakeShard& shard, Script& script) {
  Session session(shard);
  while (!script.empty()) {
    enum { kSay, kSeal, kUpdate, kForge, kFlip, kDeliver, kAnswer, kActs };
    switch (script.byte() % kActs) {
      case kSay:
        session.say(std::min(length(script), parley::kMaxRecordPlaintext));
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
        session.deliver(1 + length(script));
        break;
      case kAnswer: {
        const std::size_t count = length(script);
        session.answer(count, length(script));
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
  static FakeShard shard;  // to clear its buffers would cost as much again
  Script script(data, size);
  talk(shard, script);
  return 0;
}

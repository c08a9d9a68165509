#include "service/net/tls_stream.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/tls_fixture.h"

namespace parley {
namespace {

using test::TlsPeer, test::TlsServer;

class TlsStreamTest : public ::testing::Test {
 protected:
  void start(const TlsPeer::Offer& offer = {}) {
    peer_.emplace(offer);
    server_.emplace(shard_);
    server_->meet(*peer_);
  }
  void relay_says(std::string_view text) {
    auto rest = std::as_bytes(std::span(text));
    while (!rest.empty()) {
      const IoResult result = server_->stream().write_some(rest);
      ASSERT_EQ(result.status, IoStatus::ok);
      rest = rest.subspan(result.bytes);
      exchange();
    }
  }
  void exchange() { server_->exchange(*peer_); }
  void expect_talk() {
    peer_->says("question");
    exchange();
    EXPECT_EQ(server_->hears(), "question");
    relay_says("answer");
    EXPECT_EQ(peer_->hears(), "answer");
  }
  // The alert that the client has been sent.
  int alert() {
    peer_->handshake();
    peer_->hears();
    return peer_->alert();
  }

  // A record that OpenSSL would not send, under the client's first keys; with zeros behind its type.
  std::vector<std::byte> sealed(ContentType type, std::span<const std::byte> content, std::size_t padding = 0) {
    if (!keys_) keys_.emplace(peer_->keys());
    std::vector<std::byte> inner(content.begin(), content.end());
    if (padding > 0) {
      inner.push_back(static_cast<std::byte>(type));
      inner.resize(inner.size() + padding - 1);
      type = ContentType{};
    }
    std::vector<std::byte> record(inner.size() + kRecordOverhead);
    EXPECT_EQ(keys_->seal(type, inner, record), record.size());
    return record;
  }
  void sends(ContentType type, std::initializer_list<unsigned char> content) {
    server_->receives(sealed(type, std::as_bytes(std::span(content.begin(), content.size()))));
  }
  void sends(std::string_view text) {
    server_->receives(sealed(ContentType::application_data, std::as_bytes(std::span(text))));
  }
  void restart() {
    start();
    peer_->hears();  // the ticket
    keys_.reset();
  }
  void expect_end(int with) {
    server_->hears();
    EXPECT_EQ(server_->status(), IoStatus::failed);
    exchange();
    EXPECT_EQ(alert(), with);
  }

  test::FakeShard shard_;
  std::optional<RecordKeys> keys_;
  std::optional<TlsPeer> peer_;
  std::optional<TlsServer> server_;
};

TEST_F(TlsStreamTest, TalksWithOpenSslInEverySuite) {
  for (const char* suite : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    start({.suites = suite});
    EXPECT_EQ(server_->greeted(), IoStatus::ok) << suite;
    for (int i = 0; i < 3; ++i) expect_talk();
    EXPECT_STREQ(SSL_get_cipher_name(peer_->ssl()), suite);
  }
}

TEST_F(TlsStreamTest, AgreesOverCurvesAlone) {
  for (const char* groups : {"X25519", "P-256", "P-384", "P-521", "ffdhe8192:P-256"}) {
    start({.groups = groups});
    EXPECT_EQ(server_->greeted(), IoStatus::ok) << groups;
    expect_talk();
  }
  start({.groups = "ffdhe2048:ffdhe8192"});
  EXPECT_EQ(server_->greeted(), IoStatus::failed);
  EXPECT_EQ(alert(), SSL_AD_HANDSHAKE_FAILURE);
}

TEST_F(TlsStreamTest, GivesATicketThatResumes) {
  start();
  peer_->hears();
  SSL_SESSION* const session = SSL_get1_session(peer_->ssl());
  EXPECT_EQ(SSL_SESSION_is_resumable(session), 1);
  EXPECT_EQ(SSL_SESSION_get_max_early_data(session), 0u);
  SSL_SESSION_free(session);
}

TEST_F(TlsStreamTest, WithoutItsAlpnNobodyGetsIn) {
  for (const std::string_view alpn :
       {std::string_view(), std::string_view("\x02h2"), std::string_view("\x07relay/2")}) {
    start({.alpn = alpn});
    EXPECT_EQ(server_->greeted(), IoStatus::failed);
    EXPECT_EQ(alert(), SSL_AD_NO_APPLICATION_PROTOCOL);
  }
  start({.alpn = std::string_view("\x02h2\x07relay/1", 11)});
  EXPECT_EQ(server_->greeted(), IoStatus::ok);
  start({.old_version = true});
  EXPECT_EQ(server_->greeted(), IoStatus::failed);
  EXPECT_EQ(alert(), SSL_AD_PROTOCOL_VERSION);
}

TEST_F(TlsStreamTest, CarriesMuchBothWaysHoweverItIsCut) {
  start();
  std::string text(300'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 + i / 256);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{4096}, std::size_t{60'000}}) {
    const std::string_view part = std::string_view(text).substr(0, chunk == 1 ? 3000 : text.size());
    peer_->says(part);
    const auto out = peer_->take_output();
    std::string heard;
    for (std::size_t at = 0; at < out.size(); at += chunk) {
      server_->receives(std::span(out).subspan(at, std::min(chunk, out.size() - at)));
      heard += server_->hears();
      EXPECT_EQ(server_->status(), IoStatus::would_block);
    }
    EXPECT_TRUE(heard == part);
    relay_says(part);
    EXPECT_TRUE(peer_->hears() == part);
  }
}

TEST_F(TlsStreamTest, HoldsWhatTheSocketDoesNotTake) {
  start();
  server_->connection().window = 100;
  ASSERT_EQ(server_->stream().write_some(std::as_bytes(std::span("0123456789"))).bytes, 11u);
  const std::string longer(5000, 'x');
  EXPECT_EQ(server_->stream().write_some(std::as_bytes(std::span(longer))).bytes, longer.size());
  EXPECT_GT(server_->stream().unsent(), 4000u);
  EXPECT_EQ(server_->stream().write_some({}).status, IoStatus::would_block);
  std::string heard;
  while (server_->stream().unsent() > 0) {
    exchange();
    heard += peer_->hears();
    server_->stream().write_some({});
  }
  exchange();
  heard += peer_->hears();
  EXPECT_EQ(heard, std::string("0123456789\0", 11) + longer);
}

TEST_F(TlsStreamTest, TakesAndGivesNewKeys) {
  start();
  for (const int asked : {SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED, SSL_KEY_UPDATE_REQUESTED}) {
    ASSERT_EQ(SSL_key_update(peer_->ssl(), asked), 1);
    expect_talk();
    expect_talk();
  }
}

TEST_F(TlsStreamTest, AnswersARequestForNewKeysOnce) {
  start();
  ASSERT_EQ(SSL_key_update(peer_->ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
  for (int i = 0; i < 3; ++i) expect_talk();
  EXPECT_EQ(peer_->key_updates(), 1);
}

TEST_F(TlsStreamTest, RenewsItsKeysAfterSoManyRecords) {
  peer_.emplace();
  server_.emplace(shard_, 10);
  server_->meet(*peer_);
  for (int i = 0; i < 8; ++i) expect_talk();
  EXPECT_EQ(peer_->key_updates(), 0);
  for (int i = 0; i < 20; ++i) expect_talk();
  EXPECT_EQ(peer_->key_updates(), 2);
}

TEST_F(TlsStreamTest, NothingButNewKeysIsItsEnd) {
  start();
  const auto update_keys = [this](unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
      ASSERT_EQ(SSL_key_update(peer_->ssl(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
      ASSERT_EQ(SSL_do_handshake(peer_->ssl()), 1);
    }
    exchange();
  };
  for (int i = 0; i < 2; ++i) {
    update_keys(TlsStream::kMostEmptyRecords);
    expect_talk();
  }
  update_keys(TlsStream::kMostEmptyRecords + 1);
  EXPECT_EQ(server_->hears(), "");
  EXPECT_EQ(server_->status(), IoStatus::failed);
  exchange();
  EXPECT_EQ(alert(), SSL_AD_UNEXPECTED_MESSAGE);
}

TEST_F(TlsStreamTest, NewKeysAreABudgetThatMessagesEarn) {
  restart();
  unsigned updates = 0;
  const auto update_and_talk = [&](unsigned messages) {
    sends(ContentType::handshake, {24, 0, 0, 1, 0});
    ASSERT_TRUE(keys_->update());
    ++updates;
    for (unsigned i = 0; i < messages; ++i) sends("x");
    server_->hears();
  };
  while (updates < 4 * TlsStream::kMostKeyUpdates) update_and_talk(TlsStream::kRecordsPerKeyUpdate);
  EXPECT_EQ(server_->status(), IoStatus::would_block);
  updates = 0;
  while (server_->status() == IoStatus::would_block && updates < 4 * TlsStream::kMostKeyUpdates) update_and_talk(1);
  EXPECT_GE(updates, TlsStream::kMostKeyUpdates);
  EXPECT_LE(updates, TlsStream::kMostKeyUpdates * 5 / 4);
  expect_end(SSL_AD_UNEXPECTED_MESSAGE);
}

TEST_F(TlsStreamTest, AReadIsBoundedInRecordsNotInBytes) {
  restart();
  for (unsigned i = 0; i < 3 * TlsStream::kRecordsPerRead; ++i) sends("x");
  std::vector<std::byte> into(TlsStream::kLeastRead);
  for (int turn = 0; turn < 3; ++turn) {
    const IoResult result = server_->stream().read_some(into);
    EXPECT_EQ(result.bytes, TlsStream::kRecordsPerRead);
    EXPECT_TRUE(result.more || turn == 2) << "there is more, and the socket has no news of it";
  }
  EXPECT_EQ(server_->stream().read_some(into).status, IoStatus::would_block);

  constexpr unsigned kUpdates = TlsStream::kRecordsPerRead / TlsStream::kKeyUpdateCost;
  for (unsigned i = 0; i < 2 * kUpdates; ++i) {
    sends(ContentType::handshake, {24, 0, 0, 1, 0});
    ASSERT_TRUE(keys_->update());
  }
  sends("behind them");
  const IoResult result = server_->stream().read_some(into);
  EXPECT_EQ(result.status, IoStatus::would_block);
  EXPECT_TRUE(result.more);
  EXPECT_EQ(server_->hears(), "behind them");
}

TEST_F(TlsStreamTest, AKeyUpdateMayBeSplitButNotMixed) {
  for (unsigned cut = 1; cut < 5; ++cut) {
    restart();
    const std::vector<unsigned char> update{24, 0, 0, 1, 0};
    const auto bytes = std::as_bytes(std::span(update));
    server_->receives(sealed(ContentType::handshake, bytes.first(cut)));
    EXPECT_EQ(server_->hears(), "");
    server_->receives(sealed(ContentType::handshake, bytes.subspan(cut)));
    ASSERT_TRUE(keys_->update());
    sends("under new keys");
    EXPECT_EQ(server_->hears(), "under new keys") << cut;

    restart();
    server_->receives(sealed(ContentType::handshake, bytes.first(cut)));
    sends("between");
    expect_end(SSL_AD_UNEXPECTED_MESSAGE);
    restart();
    server_->receives(sealed(ContentType::handshake, bytes.first(cut)));
    sends(ContentType::alert, {1, 0});
    expect_end(SSL_AD_UNEXPECTED_MESSAGE);
  }
}

TEST_F(TlsStreamTest, WhatEachFaultIsCalled) {
  const struct {
    ContentType type;
    std::initializer_list<unsigned char> content;
    int alert;
  } cases[] = {
      {ContentType::handshake, {24, 0, 0, 1, 2}, SSL_AD_ILLEGAL_PARAMETER},
      {ContentType::handshake, {24, 0, 0, 1, 255}, SSL_AD_ILLEGAL_PARAMETER},
      {ContentType::handshake, {24, 0, 0, 0}, SSL_AD_DECODE_ERROR},
      {ContentType::handshake, {24, 0, 0, 2, 0, 0}, SSL_AD_DECODE_ERROR},
      {ContentType::handshake, {24, 0, 0, 1, 0, 24}, SSL_AD_UNEXPECTED_MESSAGE},
      {ContentType::handshake, {4, 0, 0, 0}, SSL_AD_UNEXPECTED_MESSAGE},
      {ContentType::handshake, {}, SSL_AD_UNEXPECTED_MESSAGE},
      {ContentType::alert, {}, SSL_AD_UNEXPECTED_MESSAGE},
      {ContentType::alert, {1}, SSL_AD_DECODE_ERROR},
      {ContentType::alert, {1, 0, 1}, SSL_AD_DECODE_ERROR},
      {ContentType::change_cipher_spec, {1}, SSL_AD_UNEXPECTED_MESSAGE},
      {ContentType{}, {}, SSL_AD_UNEXPECTED_MESSAGE},  // padding alone
  };
  for (const auto& [type, content, expected] : cases) {
    restart();
    sends(type, content);
    expect_end(expected);
  }
}

TEST_F(TlsStreamTest, PaddingCountsTowardsTheLongestRecord) {
  const std::string text = "short";
  for (const std::size_t too_long : {std::size_t{0}, std::size_t{1}}) {
    restart();
    server_->receives(sealed(ContentType::application_data, std::as_bytes(std::span(text)),
                             kMaxInnerPlaintext - 1 - text.size() + too_long));
    if (too_long == 0) {
      EXPECT_EQ(server_->hears(), text);
    } else {
      expect_end(SSL_AD_RECORD_OVERFLOW);
    }
  }
}

TEST_F(TlsStreamTest, ABadHeaderRightBehindFinishedIsToldAtOnce) {
  constexpr std::array<std::byte, 5> kTooLong{std::byte{23}, std::byte{3}, std::byte{3}, std::byte{0x7f}, std::byte{0}};
  peer_.emplace();
  server_.emplace(shard_);
  peer_->handshake();
  exchange();
  peer_->handshake();
  auto out = peer_->take_output();
  out.insert(out.end(), kTooLong.begin(), kTooLong.end());
  server_->receives(out);
  EXPECT_EQ(server_->greeted(), IoStatus::ok);
  expect_end(SSL_AD_RECORD_OVERFLOW);
}

TEST_F(TlsStreamTest, AForgedRecordIsItsEnd) {
  const auto forge = [this](std::size_t at, std::byte bit) {
    start();
    peer_->says("good");
    exchange();
    peer_->says("secret");
    peer_->says("more, of which none is to be read");
    auto out = peer_->take_output();
    out.at(at) ^= bit;
    server_->receives(out);
    const std::string heard = server_->hears();
    EXPECT_EQ(server_->status(), IoStatus::failed);
    EXPECT_EQ(server_->hears(), "");
    exchange();
    return heard;
  };
  EXPECT_EQ(forge(7, std::byte{1}), "good");
  EXPECT_EQ(alert(), SSL_AD_BAD_RECORD_MAC);
  EXPECT_EQ(forge(5 + 6 + 1 + 15, std::byte{0x80}), "good");
  EXPECT_EQ(forge(0, std::byte{1}), "good");
  EXPECT_EQ(alert(), SSL_AD_UNEXPECTED_MESSAGE);
  EXPECT_EQ(forge(3, std::byte{0x80}), "good");
  EXPECT_EQ(alert(), SSL_AD_RECORD_OVERFLOW);
}

TEST_F(TlsStreamTest, ARepeatedRecordIsItsEnd) {
  start();
  peer_->says("once");
  const auto out = peer_->take_output();
  server_->receives(out);
  server_->receives(out);
  EXPECT_EQ(server_->hears(), "once");
  EXPECT_EQ(server_->status(), IoStatus::failed);
}

TEST_F(TlsStreamTest, EachSideSaysThatItCloses) {
  start();
  peer_->says("last");
  SSL_shutdown(peer_->ssl());
  exchange();
  EXPECT_EQ(server_->hears(), "last");
  EXPECT_EQ(server_->status(), IoStatus::closed);
  relay_says("also last");
  server_->stream().shutdown_send();
  exchange();
  EXPECT_EQ(peer_->hears(), "also last");
  EXPECT_NE(SSL_get_shutdown(peer_->ssl()) & SSL_RECEIVED_SHUTDOWN, 0);
  EXPECT_TRUE(server_->connection().leg_shut_down);
}

TEST_F(TlsStreamTest, AnEndBehindSomethingIsToldWithoutMoreFromTheSocket) {
  std::vector<std::byte> into(TlsStream::kLeastRead);
  for (const bool in_order : {true, false}) {
    start();
    peer_->says("last");
    if (in_order) SSL_shutdown(peer_->ssl());
    auto out = peer_->take_output();
    if (!in_order) out.push_back(std::byte{0});
    if (!in_order) out.resize(out.size() + kRecordHeaderBytes);
    server_->receives(out);
    const IoResult read = server_->stream().read_some(into);
    EXPECT_EQ(read.bytes, 4u);
    EXPECT_TRUE(read.more);
    EXPECT_EQ(server_->stream().read_some(into).status, in_order ? IoStatus::closed : IoStatus::failed);
  }
}

TEST_F(TlsStreamTest, AnythingElseIsNoHandshake) {
  server_.emplace(shard_);
  server_->receives("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(server_->greeted(), IoStatus::failed);
}

}  // namespace
}  // namespace parley

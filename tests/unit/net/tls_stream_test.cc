#include "net/tls_stream.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <optional>
#include <string>

#include "support/classic_fixture.h"
#include "support/relay_fixture.h"

namespace parley {
namespace {

using test::MemoryConnection;

struct Freed {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// OpenSSL as the client of a TlsStream, both in memory.
class TlsStreamTest : public ::testing::Test {
 protected:
  void start(std::string_view alpn = std::string_view("\x07relay/1"), const char* suites = nullptr,
             int version = TLS1_3_VERSION) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_max_proto_version(context_.get(), version);
    if (suites != nullptr) SSL_CTX_set_ciphersuites(context_.get(), suites);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
    note_alerts();
    connection_ = std::make_shared<MemoryConnection>();
    stream_ = std::make_unique<TlsStream>(test::test_credentials()->tls,
                                          std::make_unique<test::MemoryStream>(connection_), shard_.context.scratch);
    greeted_.reset();
    gate_.spawn(shard_.context.executor(), greet());
    for (int i = 0; i < 4; ++i) {
      SSL_do_handshake(ssl_.get());
      exchange();
    }
  }
  // Carries what both have to say to the other.
  void exchange(std::size_t chunk = SIZE_MAX) {
    const auto out = drain(SSL_get_wbio(ssl_.get()));
    for (std::size_t at = 0; at < out.size(); at += std::min(chunk, out.size() - at)) {
      connection_->peer_sends(std::span(out).subspan(at, std::min(chunk, out.size() - at)));
      shard_.run();
    }
    shard_.run();
    const auto in = connection_->peer_takes();
    if (!in.empty()) BIO_write(SSL_get_rbio(ssl_.get()), in.data(), static_cast<int>(in.size()));
  }
  static std::vector<std::byte> drain(BIO* bio) {
    std::vector<std::byte> bytes(BIO_ctrl_pending(bio));
    if (!bytes.empty()) BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  void client_says(std::string_view text) {
    ASSERT_EQ(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())), static_cast<int>(text.size()));
  }
  std::string client_hears() {
    std::string text;
    std::array<char, 20'000> part{};
    for (int got = 0; (got = SSL_read(ssl_.get(), part.data(), part.size())) > 0;)
      text.append(part.data(), static_cast<std::size_t>(got));
    ERR_clear_error();
    return text;
  }
  // All that can be read now; `status_` is what ended it.
  std::string relay_hears() {
    std::string text;
    std::vector<std::byte> into(40'000);
    for (;;) {
      const IoResult result = stream_->read_some(into);
      status_ = result.status;
      if (result.status != IoStatus::ok) return text;
      text.append(reinterpret_cast<const char*>(into.data()), result.bytes);
    }
  }
  void relay_says(std::string_view text) {
    auto rest = std::as_bytes(std::span(text));
    while (!rest.empty()) {
      const IoResult result = stream_->write_some(rest);
      ASSERT_EQ(result.status, IoStatus::ok);
      rest = rest.subspan(result.bytes);
      exchange();
    }
  }
  void expect_talk() {
    client_says("question");
    exchange();
    EXPECT_EQ(relay_hears(), "question");
    relay_says("answer");
    exchange();
    EXPECT_EQ(client_hears(), "answer");
  }
  // The alert that the client has been sent.
  int alert() {
    SSL_do_handshake(ssl_.get());
    client_hears();
    return alert_;
  }
  void note_alerts() {
    SSL_set_msg_callback_arg(ssl_.get(), &alert_);
    SSL_set_msg_callback(ssl_.get(), [](int sent, int, int type, const void* data, std::size_t size, SSL*, void* arg) {
      if (sent == 0 && type == SSL3_RT_ALERT && size == 2)
        *static_cast<int*>(arg) = static_cast<const unsigned char*>(data)[1];
    });
  }

  test::FakeShard shard_;
  std::unique_ptr<SSL_CTX, Freed> context_;
  std::unique_ptr<SSL, Freed> ssl_;
  std::shared_ptr<MemoryConnection> connection_;
  std::unique_ptr<TlsStream> stream_;
  std::optional<IoStatus> greeted_;
  IoStatus status_ = IoStatus::ok;
  int alert_ = -1;
  Gate gate_;

 private:
  awaitable<void> greet() { greeted_ = co_await stream_->handshake(); }
};

TEST_F(TlsStreamTest, TalksWithOpenSslInEverySuite) {
  for (const char* suite : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    start("\x07relay/1", suite);
    EXPECT_EQ(greeted_, IoStatus::ok) << suite;
    for (int i = 0; i < 3; ++i) expect_talk();
    EXPECT_STREQ(SSL_get_cipher_name(ssl_.get()), suite);
  }
}

TEST_F(TlsStreamTest, GivesATicketThatResumes) {
  start();
  client_hears();
  SSL_SESSION* const session = SSL_get1_session(ssl_.get());
  EXPECT_EQ(SSL_SESSION_is_resumable(session), 1);
  EXPECT_EQ(SSL_SESSION_get_max_early_data(session), 0u);
  SSL_SESSION_free(session);
}

TEST_F(TlsStreamTest, WithoutItsAlpnNobodyGetsIn) {
  for (const std::string_view alpn :
       {std::string_view(), std::string_view("\x02h2"), std::string_view("\x07relay/2")}) {
    start(alpn);
    EXPECT_EQ(greeted_, IoStatus::failed);
    EXPECT_EQ(alert(), SSL_AD_NO_APPLICATION_PROTOCOL);
  }
  start(std::string_view("\x02h2\x07relay/1", 11));
  EXPECT_EQ(greeted_, IoStatus::ok);
  start("\x07relay/1", nullptr, TLS1_2_VERSION);
  EXPECT_EQ(greeted_, IoStatus::failed);
  EXPECT_EQ(alert(), SSL_AD_PROTOCOL_VERSION);
}

TEST_F(TlsStreamTest, CarriesMuchBothWaysHoweverItIsCut) {
  start();
  std::string text(300'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 + i / 256);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{4096}, std::size_t{60'000}}) {
    const std::string_view part = std::string_view(text).substr(0, chunk == 1 ? 3000 : text.size());
    client_says(part);
    const auto out = drain(SSL_get_wbio(ssl_.get()));
    std::string heard;
    for (std::size_t at = 0; at < out.size(); at += chunk) {
      connection_->peer_sends(std::span(out).subspan(at, std::min(chunk, out.size() - at)));
      heard += relay_hears();
      EXPECT_EQ(status_, IoStatus::would_block);
    }
    EXPECT_TRUE(heard == part);
    relay_says(part);
    EXPECT_TRUE(client_hears() == part);
  }
}

TEST_F(TlsStreamTest, HoldsWhatTheSocketDoesNotTake) {
  start();
  connection_->window = 100;
  ASSERT_EQ(stream_->write_some(std::as_bytes(std::span("0123456789"))).bytes, 11u);
  const std::string longer(5000, 'x');
  EXPECT_EQ(stream_->write_some(std::as_bytes(std::span(longer))).bytes, longer.size());
  EXPECT_GT(stream_->unsent(), 4000u);
  EXPECT_EQ(stream_->write_some({}).status, IoStatus::would_block);
  std::string heard;
  while (stream_->unsent() > 0) {
    exchange();
    heard += client_hears();
    stream_->write_some({});
  }
  exchange();
  heard += client_hears();
  EXPECT_EQ(heard, std::string("0123456789\0", 11) + longer);
}

TEST_F(TlsStreamTest, TakesAndGivesNewKeys) {
  start();
  for (const int asked : {SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED, SSL_KEY_UPDATE_REQUESTED}) {
    ASSERT_EQ(SSL_key_update(ssl_.get(), asked), 1);
    expect_talk();
    expect_talk();
  }
}

TEST_F(TlsStreamTest, AForgedRecordIsItsEnd) {
  const auto forge = [this](std::size_t at, std::byte bit) {
    start();
    client_says("good");
    exchange();
    client_says("secret");
    auto out = drain(SSL_get_wbio(ssl_.get()));
    out.at(at) ^= bit;
    connection_->peer_sends(out);
    const std::string heard = relay_hears();
    EXPECT_EQ(status_, IoStatus::failed);
    EXPECT_EQ(relay_hears(), "");
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
  client_says("once");
  const auto out = drain(SSL_get_wbio(ssl_.get()));
  connection_->peer_sends(out);
  connection_->peer_sends(out);
  EXPECT_EQ(relay_hears(), "once");
  EXPECT_EQ(status_, IoStatus::failed);
}

TEST_F(TlsStreamTest, EachSideSaysThatItCloses) {
  start();
  client_says("last");
  SSL_shutdown(ssl_.get());
  exchange();
  EXPECT_EQ(relay_hears(), "last");
  EXPECT_EQ(status_, IoStatus::closed);
  relay_says("also last");
  stream_->shutdown_send();
  exchange();
  EXPECT_EQ(client_hears(), "also last");
  EXPECT_NE(SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN, 0);
  EXPECT_TRUE(connection_->leg_shut_down);
}

TEST_F(TlsStreamTest, AClosedConnectionIsNoHandshake) {
  start("\x07relay/1", nullptr, TLS1_3_VERSION);
  connection_ = std::make_shared<MemoryConnection>();
  stream_ = std::make_unique<TlsStream>(test::test_credentials()->tls,
                                        std::make_unique<test::MemoryStream>(connection_), shard_.context.scratch);
  greeted_.reset();
  gate_.spawn(shard_.context.executor(), [](TlsStream& stream, std::optional<IoStatus>& status) -> awaitable<void> {
    status = co_await stream.handshake();
  }(*stream_, greeted_));
  connection_->peer_sends("GET / HTTP/1.1\r\n\r\n");
  shard_.run();
  EXPECT_EQ(greeted_, IoStatus::failed);
}

}  // namespace
}  // namespace parley

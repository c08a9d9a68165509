#include "tests/support/tls_fixture.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/support/relay_fixture.h"

namespace parley::test {

TlsPeer::TlsPeer(const Offer& offer) : context_(SSL_CTX_new(TLS_client_method())) {
  if (offer.old_version) SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
  if (offer.suites != nullptr) SSL_CTX_set_ciphersuites(context_.get(), offer.suites);
  if (offer.groups != nullptr) SSL_CTX_set1_groups_list(context_.get(), offer.groups);
  SSL_CTX_set_keylog_callback(context_.get(), [](const SSL* ssl, const char* line) {
    const std::string_view text(line);
    if (!text.starts_with("CLIENT_TRAFFIC_SECRET_0 ")) return;
    std::array<unsigned char, TrafficSecret::kMaxBytes> bytes{};
    std::size_t size = 0;
    OPENSSL_hexstr2buf_ex(bytes.data(), bytes.size(), &size, line + text.rfind(' ') + 1, '\0');
    static_cast<Notes*>(SSL_get_app_data(ssl))->secret = TrafficSecret(std::as_bytes(std::span(bytes).first(size)));
  });
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_app_data(ssl_.get(), notes_.get());
  SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offer.alpn.data()),
                      static_cast<unsigned>(offer.alpn.size()));
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_.get());
  SSL_set_msg_callback_arg(ssl_.get(), notes_.get());
  SSL_set_msg_callback(ssl_.get(), [](int sent, int, int type, const void* data, std::size_t size, SSL*, void* arg) {
    if (sent == 0 && type == SSL3_RT_ALERT && size == 2)
      static_cast<Notes*>(arg)->alert = static_cast<const unsigned char*>(data)[1];
    if (sent == 0 && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *static_cast<const unsigned char*>(data) == SSL3_MT_KEY_UPDATE)
      ++static_cast<Notes*>(arg)->key_updates;
  });
}

void TlsPeer::handshake() {
  SSL_do_handshake(ssl_.get());
  ERR_clear_error();
}

void TlsPeer::says(std::string_view text) {
  if (SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) != static_cast<int>(text.size()))
    throw std::runtime_error("OpenSSL cannot send");
}

std::string TlsPeer::hears() {
  std::string text;
  std::array<char, 20'000> part{};
  for (int got = 0; (got = SSL_read(ssl_.get(), part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  ERR_clear_error();
  return text;
}

std::vector<std::byte> TlsPeer::take_output() {
  BIO* const bio = SSL_get_wbio(ssl_.get());
  std::vector<std::byte> bytes(BIO_ctrl_pending(bio));
  if (!bytes.empty()) BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

void TlsPeer::give_input(std::span<const std::byte> bytes) {
  if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
}

RecordKeys TlsPeer::keys() const {
  const auto suite = static_cast<std::uint16_t>(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl_.get())));
  return {*find_cipher_suite(suite), notes_->secret, 0};
}

TlsServer::TlsServer(FakeShard& shard, std::uint64_t records_per_key)
    : shard_(shard),
      stream_({test_credentials(), &test_credentials()->tls}, std::make_unique<MemoryStream>(connection_),
              shard.context.scratch, records_per_key) {
  gate_.spawn(shard.context.executor(), greet());
  shard.run();
}

TlsServer::TlsServer(FakeShard& shard, TlsStream::Keys agreed)
    : shard_(shard),
      stream_(std::move(agreed), std::make_unique<MemoryStream>(connection_), shard.context.scratch),
      greeted_(IoStatus::ok) {}

void TlsServer::meet(TlsPeer& peer) {
  for (int i = 0; i < 4; ++i) {
    peer.handshake();
    exchange(peer);
  }
}

void TlsServer::exchange(TlsPeer& peer, std::size_t chunk) {
  const auto out = peer.take_output();
  for (std::size_t at = 0; at < out.size(); at += std::min(chunk, out.size() - at))
    receives(std::span(out).subspan(at, std::min(chunk, out.size() - at)));
  shard_.run();
  peer.give_input(connection_->peer_takes());
}

void TlsServer::receives(std::span<const std::byte> bytes) {
  connection_->peer_sends(bytes);
  shard_.run();
}

std::string TlsServer::hears() {
  std::string text;
  static thread_local std::vector<std::byte> into(40'000);
  for (;;) {
    const IoResult result = stream_.read_some(into);
    status_ = result.status;
    if (result.status == IoStatus::would_block && result.more) continue;
    if (result.status != IoStatus::ok) return text;
    text.append(reinterpret_cast<const char*>(into.data()), result.bytes);
  }
}

}  // namespace parley::test

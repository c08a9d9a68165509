#include "protocol/chat/inner_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>

#include "base/openssl.h"
#include "base/openssl_ptr.h"
#include "protocol/chat/errc.h"

namespace parley::chat {
namespace {

constexpr std::size_t kReadBytes = std::size_t{16} * 1024;
// The hash of the PSK's suite must be that of its derivation, SHA-256 (RFC 8446 4.2.11).
constexpr unsigned char kSuite[] = {0x13, 0x01};
constexpr const char* kSuiteName = "TLS_AES_128_GCM_SHA256";

// OpenSSL takes and gives int.
constexpr std::size_t kMaxIntoBio = std::size_t{1} << 30;

const unsigned char* raw(const std::byte* p) { return reinterpret_cast<const unsigned char*>(p); }

// The PSK is kept here for the callbacks, by SSL's app data.
const Psk& psk_of(SSL* ssl) { return *static_cast<const Psk*>(SSL_get_app_data(ssl)); }

SslSessionPtr make_session(SSL* ssl) {
  SslSessionPtr session(SSL_SESSION_new());
  const SSL_CIPHER* suite = SSL_CIPHER_find(ssl, kSuite);
  const auto key = psk_of(ssl).reveal();
  must(session != nullptr && suite != nullptr &&
           SSL_SESSION_set1_master_key(session.get(), raw(key.data()), key.size()) == 1 &&
           SSL_SESSION_set_cipher(session.get(), suite) == 1 &&
           SSL_SESSION_set_protocol_version(session.get(), TLS1_3_VERSION) == 1,
       "session of the PSK");
  return session;
}

int offer_psk(SSL* ssl, const EVP_MD* digest, const unsigned char** identity, std::size_t* length,
              SSL_SESSION** session) {
  *session = nullptr;
  // After a HelloRetryRequest the suite's hash is given, and a PSK of another hash must not be offered.
  if (digest == nullptr || EVP_MD_is_a(digest, "SHA256") == 1) {
    *identity = reinterpret_cast<const unsigned char*>(kPskIdentity.data());
    *length = kPskIdentity.size();
    *session = make_session(ssl).release();
  }
  return 1;
}

int find_psk(SSL* ssl, const unsigned char* identity, std::size_t length, SSL_SESSION** session) {
  const bool ours = length == kPskIdentity.size() && std::memcmp(identity, kPskIdentity.data(), length) == 0;
  *session = ours ? make_session(ssl).release() : nullptr;
  return 1;
}

SslCtxPtr make_context(InnerTls::Role role) {
  SslCtxPtr context(SSL_CTX_new(role == InnerTls::Role::first ? TLS_server_method() : TLS_client_method()));
  must(context != nullptr, "TLS context");
  must(SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_ciphersuites(context.get(), kSuiteName) == 1 && SSL_CTX_set_num_tickets(context.get(), 0) == 1 &&
           SSL_CTX_set_block_padding(context.get(), kPaddingStep) == 1 &&
           SSL_CTX_set_max_send_fragment(context.get(), kMaxTlsContent) == 1 &&
           SSL_CTX_set_max_early_data(context.get(), 0) == 1,
       "TLS settings");
  // psk_ke stays off: it is on only with SSL_OP_ALLOW_NO_DHE_KEX.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  if (role == InnerTls::Role::first) {
    SSL_CTX_set_psk_find_session_callback(context.get(), find_psk);
  } else {
    SSL_CTX_set_psk_use_session_callback(context.get(), offer_psk);
    // The PSK is the only authentication: without it OpenSSL finds no certificate to check, and fails.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

}  // namespace

struct InnerTls::Impl {
  Psk psk;
  Role role;
  State state = State::handshaking;
  std::error_code error;
  SslCtxPtr context;
  SslPtr ssl;
  BIO* in = nullptr;   // owned by ssl
  BIO* out = nullptr;  // owned by ssl

  KeyLimit limit;

  Impl(Role which, const Psk& key, std::uint64_t records_per_key)
      : psk(key), role(which), context(make_context(which)), ssl(SSL_new(context.get())), limit(records_per_key) {
    in = BIO_new(BIO_s_mem());
    out = BIO_new(BIO_s_mem());
    must(ssl != nullptr && in != nullptr && out != nullptr, "TLS");
    // An empty input is "wait", not the end.
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl.get(), in, out);
    SSL_set_app_data(ssl.get(), &psk);
    if (role == Role::first) {
      SSL_set_accept_state(ssl.get());
    } else {
      SSL_set_connect_state(ssl.get());
    }
  }

  std::error_code fail(Errc why) {
    ERR_clear_error();
    state = State::failed;
    error = why;
    return error;
  }

  // What a handshake that failed means; to be asked before OpenSSL's error queue is cleared.
  Errc why_handshake_failed() const {
    const int reason = ERR_GET_REASON(ERR_peek_error());
    if (role == Role::first) {
      // No binder under our key, or somebody with no key at all.
      const bool other_key = reason == SSL_R_BINDER_DOES_NOT_VERIFY || reason == SSL_R_NO_SHARED_CIPHER ||
                             reason == SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM;
      return other_key ? Errc::wrong_secret : Errc::damaged;
    }
    // Alerts from the other side are its alert number + 1000 (SSL_AD_REASON_OFFSET), and before the ServerHello there
    // is nothing else in our ClientHello that one of us would refuse.
    const bool alert = reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256;
    return alert && SSL_get_current_cipher(ssl.get()) == nullptr ? Errc::wrong_secret : Errc::damaged;
  }

  std::error_code handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl.get());
    if (result == 1) {
      // Nothing but the PSK may have let the other side in.
      if (SSL_session_reused(ssl.get()) != 1) {
        return fail(Errc::wrong_secret);
      }
      state = State::open;
      return {};
    }
    if (SSL_get_error(ssl.get(), result) == SSL_ERROR_WANT_READ) {
      return {};
    }
    return fail(why_handshake_failed());
  }

  std::error_code read(Bytes& plaintext) {
    for (;;) {
      const std::size_t size = plaintext.size();
      plaintext.resize(size + kReadBytes);
      std::size_t got = 0;
      ERR_clear_error();
      const int result = SSL_read_ex(ssl.get(), plaintext.data() + size, kReadBytes, &got);
      plaintext.resize(size + got);
      if (result == 1) {
        continue;
      }
      switch (SSL_get_error(ssl.get(), result)) {
        case SSL_ERROR_WANT_READ:
          return {};
        case SSL_ERROR_ZERO_RETURN:
          state = State::closed;
          error = Errc::stream_closed;
          return error;
        default:
          return fail(Errc::damaged);
      }
    }
  }
};

InnerTls::InnerTls(Role role, const Psk& psk, std::uint64_t records_per_key)
    : impl_(std::make_unique<Impl>(role, psk, records_per_key)) {
  if (role == Role::second) {
    (void)impl_->handshake();  // writes the ClientHello, and waits
  }
}

InnerTls::InnerTls(InnerTls&&) noexcept = default;
InnerTls& InnerTls::operator=(InnerTls&&) noexcept = default;
InnerTls::~InnerTls() = default;

InnerTls::State InnerTls::state() const { return impl_->state; }

std::error_code InnerTls::receive(ByteView bytes, Bytes& plaintext) {
  Impl& impl = *impl_;
  while (!impl.error && !bytes.empty()) {
    const ByteView now = bytes.first(std::min(bytes.size(), kMaxIntoBio));
    must(BIO_write(impl.in, now.data(), static_cast<int>(now.size())) == static_cast<int>(now.size()), "memory");
    bytes = bytes.subspan(now.size());
    if (impl.state == State::handshaking) {
      (void)impl.handshake();
    }
    if (impl.state == State::open) {
      (void)impl.read(plaintext);
    }
  }
  return impl.error;
}

void InnerTls::send(ByteView plaintext) {
  ERR_clear_error();
  std::size_t written = 0;
  if (!plaintext.empty()) {
    impl_->limit.count(impl_->ssl.get(), plaintext.size(), kMaxTlsContent);
    must(SSL_write_ex(impl_->ssl.get(), plaintext.data(), plaintext.size(), &written) == 1, "TLS write");
  }
}

void InnerTls::close() {
  if (impl_->state == State::open || impl_->state == State::closed) {
    ERR_clear_error();
    (void)SSL_shutdown(impl_->ssl.get());
  }
}

std::size_t InnerTls::pending_output() const { return BIO_ctrl_pending(impl_->out); }

std::size_t InnerTls::read_output(std::span<std::byte> to) {
  const std::size_t size = std::min({to.size(), pending_output(), kMaxIntoBio});
  if (size == 0) {
    return 0;
  }
  const int got = BIO_read(impl_->out, to.data(), static_cast<int>(size));
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

std::array<std::byte, kVerifyBytes> InnerTls::verify_bytes() const {
  std::array<std::byte, kVerifyBytes> bytes{};
  must(SSL_export_keying_material(impl_->ssl.get(), reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                  kVerifyLabel.data(), kVerifyLabel.size(), nullptr, 0, 0) == 1,
       "TLS exporter");
  return bytes;
}

}  // namespace parley::chat

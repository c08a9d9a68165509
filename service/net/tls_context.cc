#include "service/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "base/net/tls_identity.h"
#include "base/openssl.h"
#include "base/openssl_ptr.h"
#include "base/pin.h"
#include "service/net/chain_check.h"
#include "service/net/self_signed.h"
#include "service/net/tls_handshake.h"

namespace parley {

namespace {

namespace fs = std::filesystem;

// As it goes over the wire: a length, the name (RFC 7301 section 3.1).
constexpr std::string_view kAlpn = "\x07relay/1";
// AES-128 first: as good for this, and a quarter cheaper than AES-256. A client that prefers ChaCha20, since its CPU
// has no AES, gets that.
constexpr const char* kCipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

// Those of OpenSSL, but for finite fields: a handshake over ffdhe8192 costs the relay 15 ms, thirty times as much as
// one over X25519, and the client nothing that it does not want to spend.
constexpr const char* kGroups = "X25519:P-256:X448:P-521:P-384";
constexpr const char* kGroupsWithMlKem = "X25519MLKEM768:X25519:P-256:X448:P-521:P-384";  // OpenSSL 3.5

bool choose_groups(SSL_CTX* ctx) {
  const bool chosen =
      SSL_CTX_set1_groups_list(ctx, kGroupsWithMlKem) == 1 || SSL_CTX_set1_groups_list(ctx, kGroups) == 1;
  ERR_clear_error();
  return chosen;
}

// A client that offers no ALPN at all never gets to choose_alpn().
int require_alpn(SSL* ssl, int* alert, void*) {
  const unsigned char* offered = nullptr;
  std::size_t length = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &offered, &length) == 1)
    return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
  return SSL_CLIENT_HELLO_ERROR;
}

int choose_alpn(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                unsigned int offered_bytes, void*) {
  std::span<const unsigned char> rest(offered, offered_bytes);
  while (!rest.empty() && rest[0] < rest.size()) {
    const std::string_view entry(reinterpret_cast<const char*>(rest.data()), 1U + rest[0]);
    if (entry == kAlpn) {
      *chosen = rest.data() + 1;
      *length = rest[0];
      return SSL_TLSEXT_ERR_OK;
    }
    rest = rest.subspan(entry.size());
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;  // no_application_protocol
}

std::optional<TlsContext::Time> end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string fingerprint_of(const X509* certificate) {
  std::array<std::byte, SHA256_DIGEST_LENGTH> digest;
  must(X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1,
       "SHA-256");
  return to_hex(digest);
}

// Under which OpenSSL resumes TLS sessions, were there any.
constexpr std::string_view kSessionContext = "relay/1 with client certificates";

// Each connection is judged anew, so there are no tickets.
tl::expected<void, std::string> admit_only(SSL_CTX* ctx, const std::string& ca) {
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_id_context(ctx, reinterpret_cast<const unsigned char*>(kSessionContext.data()),
                                 static_cast<unsigned>(kSessionContext.size()));
  return ask_clients(ctx, "--relay-client-ca", ca);
}

}  // namespace

TlsContext::TlsContext(std::shared_ptr<SSL_CTX> context)
    : context_(std::move(context)),
      pin_(pin_text(pin_of(SSL_CTX_get0_certificate(native())).value())),
      fingerprint_(fingerprint_of(SSL_CTX_get0_certificate(native()))),
      expires_(end_of(SSL_CTX_get0_certificate(native()))),
      missing_issuer_(parley::missing_issuer(native())) {}

bool TlsContext::same_certificate(const TlsContext& other) const { return shows_same(native(), other.native()); }

bool TlsContext::same_authorities(const TlsContext& other) const { return asks_for_same(native(), other.native()); }

tl::expected<TlsContext, std::string> TlsContext::from_files(const std::string& certificate, const std::string& key,
                                                             const std::string& client_ca, SecretGroup key_group) {
  return make({.certificate = certificate, .key = key, .key_group = key_group}, client_ca);
}

tl::expected<TlsContext, std::string> TlsContext::make(const IdentityFiles& files, const std::string& client_ca) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX* const ctx = context.get();
  if (ctx == nullptr) return tl::unexpected(std::string("there is no memory for TLS"));
  SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(ctx, kCipherSuites);
  SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  if (!choose_groups(ctx)) return tl::unexpected(std::string("OpenSSL has no X25519"));
  SSL_CTX_set_max_early_data(ctx, 0);
  // Tickets hold the session, so none is kept here. One is enough for a client that comes back on one connection.
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 1);
  SSL_CTX_set_client_hello_cb(ctx, require_alpn, nullptr);
  SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, nullptr);
  TlsHandshake::prepare(ctx);

  if (const auto shown = show_files(ctx, files); !shown) return tl::unexpected(shown.error());
  if (!client_ca.empty()) {
    if (const auto asked = admit_only(ctx, client_ca); !asked) return tl::unexpected(asked.error());
  }
  return TlsContext(std::move(context));
}

bool TlsContext::has_self_signed(const std::string& directory) {
  std::error_code ignored;
  return fs::exists(fs::path(directory) / kCertificateFile, ignored) &&
         fs::exists(fs::path(directory) / kKeyFile, ignored);
}

tl::expected<TlsContext, std::string> TlsContext::self_signed(const std::string& directory,
                                                              const std::string& client_ca) {
  const fs::path certificate = fs::path(directory) / kCertificateFile;
  const fs::path key = fs::path(directory) / kKeyFile;
  if (!has_self_signed(directory)) {
    if (auto failed = make_self_signed(certificate, key))
      return tl::unexpected("--self-signed " + directory + ": " + *failed);
  }
  auto made = make({.certificate = certificate,
                    .key = key,
                    .certificate_option = "--self-signed",
                    .key_option = "--self-signed",
                    .key_group = SecretGroup::any},
                   client_ca);
  if (made) made->expires_.reset();
  return made;
}

}  // namespace parley

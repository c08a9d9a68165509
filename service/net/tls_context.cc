#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64url.h"
#include "net/self_signed.h"
#include "net/tls_handshake.h"

namespace parley {

namespace {

// As it goes over the wire: a length, the name (RFC 7301 section 3.1).
constexpr std::string_view kAlpn = "\x07relay/1";
// AES-128 first: as good for this, and a quarter cheaper than AES-256. A client that prefers ChaCha20, since its CPU
// has no AES, gets that.
constexpr const char* kCipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

std::string why() {
  const unsigned long first = ERR_peek_error();  // of a file that cannot be opened it says why, the last that it cannot
  const unsigned long error = ERR_SYSTEM_ERROR(first) ? first : ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error)) return std::strerror(ERR_GET_REASON(error));
  const char* const text = ERR_reason_error_string(error);
  return text != nullptr ? text : "not understood";
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

std::string pin_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  std::array<std::byte, SHA256_DIGEST_LENGTH> digest{};
  if (length > 0) SHA256(der, static_cast<std::size_t>(length), reinterpret_cast<unsigned char*>(digest.data()));
  OPENSSL_free(der);
  return "sha256:" + to_base64url(digest);
}

// A client's certificate with its chain; OpenSSL's own bound is 100 KiB for each handshake.
constexpr long kMostClientChainBytes = 32L * 1024;
// Under which OpenSSL resumes TLS sessions, were there any.
constexpr std::string_view kSessionContext = "relay/1 with client certificates";

// The error, if any.
std::optional<std::string> ask_clients(SSL_CTX* ctx, const std::string& ca) {
  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(ca.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(ctx, ca.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return "relay-client-ca " + ca + ": " + why() + "; give a PEM file with the authorities' certificates";
  }
  ERR_clear_error();
  SSL_CTX_set_client_CA_list(ctx, names);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_max_cert_list(ctx, kMostClientChainBytes);
  // The file says who is trusted, be it an authority below another.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_id_context(ctx, reinterpret_cast<const unsigned char*>(kSessionContext.data()),
                                 static_cast<unsigned>(kSessionContext.size()));
  return std::nullopt;
}

}  // namespace

tl::expected<TlsContext, std::string> TlsContext::from_files(const std::string& certificate, const std::string& key,
                                                             const std::string& client_ca) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX* const ctx = context.get();
  if (ctx == nullptr) return tl::unexpected("OpenSSL: " + why());
  SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(ctx, kCipherSuites);
  SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_early_data(ctx, 0);
  // Tickets hold the session, so none is kept here. One is enough for a client that comes back on one connection.
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 1);
  SSL_CTX_set_client_hello_cb(ctx, require_alpn, nullptr);
  SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, nullptr);
  TlsHandshake::prepare(ctx);

  if (SSL_CTX_use_certificate_chain_file(ctx, certificate.c_str()) != 1) {
    return tl::unexpected("certificate " + certificate + ": " + why() +
                          "; give a PEM file with the certificate and its chain");
  }
  if (SSL_CTX_use_PrivateKey_file(ctx, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
      return tl::unexpected("key " + key + ": not the key of " + certificate + "; give the one it was issued for");
    return tl::unexpected("key " + key + ": " + why() + "; give a PEM file with the private key, not encrypted");
  }
  if (!client_ca.empty()) {
    if (auto failed = ask_clients(ctx, client_ca)) return tl::unexpected(*failed);
  }
  return TlsContext(std::move(context), pin_of(SSL_CTX_get0_certificate(ctx)));
}

tl::expected<TlsContext, std::string> TlsContext::self_signed(const std::string& directory,
                                                              const std::string& client_ca) {
  namespace fs = std::filesystem;
  const fs::path certificate = fs::path(directory) / "cert.pem";
  const fs::path key = fs::path(directory) / "key.pem";
  std::error_code ignored;
  const bool has_certificate = fs::exists(certificate, ignored);
  const bool has_key = fs::exists(key, ignored);
  if (has_certificate != has_key) {
    return tl::unexpected("--self-signed " + directory + ": holds only one of cert.pem and key.pem; put the other " +
                          "back, or remove it to have both made anew");
  }
  if (!has_key) {
    if (auto failed = make_self_signed(certificate, key))
      return tl::unexpected("--self-signed " + directory + ": " + *failed);
  }
  return from_files(certificate, key, client_ca);
}

}  // namespace parley

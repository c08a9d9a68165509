#include "service/net/tls_context.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
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
#include "base/openssl.h"
#include "base/openssl_ptr.h"
#include "base/pem.h"
#include "base/pin.h"
#include "base/regular_file.h"
#include "base/tls_identity.h"
#include "service/net/chain_check.h"
#include "service/net/self_signed.h"
#include "service/net/tls_handshake.h"

namespace parley {

namespace {

namespace fs = std::filesystem;

// In the directory of --self-signed.
constexpr const char* kCertificateFile = "cert.pem";
constexpr const char* kKeyFile = "key.pem";

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

std::string last_words() {
  const char* const text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
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

std::optional<TlsContext::Time> end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

// nullptr is an empty one.
bool same(const STACK_OF(X509) * one, const STACK_OF(X509) * other) {
  const int count = std::max(sk_X509_num(one), 0);
  if (count != std::max(sk_X509_num(other), 0)) return false;
  for (int i = 0; i < count; ++i) {
    if (X509_cmp(sk_X509_value(one, i), sk_X509_value(other, i)) != 0) return false;
  }
  return true;
}

const STACK_OF(X509) * chain_of(SSL_CTX* ctx) {
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(ctx, static_cast<void*>(&chain));
  return chain;
}

void free_all(STACK_OF(X509) * certificates) { sk_X509_pop_free(certificates, X509_free); }
using Certificates = std::unique_ptr<STACK_OF(X509), OpensslFree<free_all>>;

Certificates authorities_of(SSL_CTX* ctx) {
  return Certificates(X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(ctx)));
}

// `option` and `path` as errors name them.
tl::expected<std::vector<X509Ptr>, std::string> read_chain(const std::string& option, const std::string& path,
                                                           const char* remedy) {
  const auto fault = [&](const std::string& why) { return tl::unexpected(option + " " + path + ": " + why); };
  const auto text = read_regular_file(path);
  if (!text) return fault(to_string(text.error()));
  auto certificates = read_certificates(*text);
  if (!certificates) return fault(certificates.error() + "; " + remedy);
  return std::move(*certificates);
}

// The error, if any.
std::optional<std::string> take_key(SSL_CTX* ctx, const std::string& certificate, const std::string& name,
                                    const std::string& path, SecretGroup group) {
  auto text = read_regular_file(path, {.secret = group});
  if (!text) return name + ": " + to_string(text.error());
  const auto key = read_private_key(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return name + ": " + key.error() + "; give a PEM file with the private key, not encrypted";
  if (!prove_with(ctx, key->get()))
    return name + ": not the key of " + certificate + "; give the one it was issued for";
  return std::nullopt;
}

std::string fingerprint_of(const X509* certificate) {
  std::array<std::byte, SHA256_DIGEST_LENGTH> digest;
  must(X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1,
       "SHA-256");
  return to_hex(digest);
}

// A client's certificate with its chain; OpenSSL's own bound is 100 KiB for each handshake.
constexpr long kMostClientChainBytes = 32L * 1024;
// Under which OpenSSL resumes TLS sessions, were there any.
constexpr std::string_view kSessionContext = "relay/1 with client certificates";

// The error, if any.
std::optional<std::string> ask_clients(SSL_CTX* ctx, const std::string& ca) {
  const auto authorities = read_chain("--relay-client-ca", ca, "give a PEM file with the authorities' certificates");
  if (!authorities) return authorities.error();
  for (const X509Ptr& authority : *authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), authority.get()) != 1 ||
        SSL_CTX_add_client_CA(ctx, authority.get()) != 1)
      return "--relay-client-ca " + ca + ": " + last_words() + "; give a PEM file with the authorities' certificates";
  }
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

TlsContext::TlsContext(std::shared_ptr<SSL_CTX> context)
    : context_(std::move(context)),
      pin_(pin_text(pin_of(SSL_CTX_get0_certificate(native())).value())),
      fingerprint_(fingerprint_of(SSL_CTX_get0_certificate(native()))),
      expires_(end_of(SSL_CTX_get0_certificate(native()))),
      missing_issuer_(parley::missing_issuer(native())) {}

bool TlsContext::same_certificate(const TlsContext& other) const {
  return X509_cmp(SSL_CTX_get0_certificate(native()), SSL_CTX_get0_certificate(other.native())) == 0 &&
         same(chain_of(native()), chain_of(other.native()));
}

bool TlsContext::same_authorities(const TlsContext& other) const {
  return same(authorities_of(native()).get(), authorities_of(other.native()).get());
}

tl::expected<TlsContext, std::string> TlsContext::from_files(const std::string& certificate, const std::string& key,
                                                             const std::string& client_ca, SecretGroup key_group) {
  return make({}, certificate, key, client_ca, key_group);
}

tl::expected<TlsContext, std::string> TlsContext::make(const Origins& from, const std::string& certificate,
                                                       const std::string& key, const std::string& client_ca,
                                                       SecretGroup key_group) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX* const ctx = context.get();
  if (ctx == nullptr) return tl::unexpected("OpenSSL: " + last_words());
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

  constexpr const char* kRemedy = "give a PEM file with the certificate and its chain";
  const auto chain = read_chain(from.certificate, certificate, kRemedy);
  if (!chain) return tl::unexpected(chain.error());
  if (const auto shown = show_certificates(ctx, *chain); !shown)
    return tl::unexpected(std::string(from.certificate) + " " + certificate + ": " + shown.error() + "; " + kRemedy);
  if (auto failed = take_key(ctx, certificate, std::string(from.key) + " " + key, key, key_group))
    return tl::unexpected(*failed);
  if (!client_ca.empty()) {
    if (auto failed = ask_clients(ctx, client_ca)) return tl::unexpected(*failed);
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
  auto made = make({"--self-signed", "--self-signed"}, certificate, key, client_ca, SecretGroup::any);
  if (made) made->expires_.reset();
  return made;
}

}  // namespace parley

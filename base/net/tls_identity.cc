#include "base/net/tls_identity.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "base/pem.h"
#include "base/regular_file.h"

namespace parley {

namespace {

// A client's certificate with its chain; OpenSSL's own bound is 100 KiB for each handshake.
constexpr long kMostClientChainBytes = 32L * 1024;

std::string last_words() {
  const char* const text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text != nullptr ? text : "not understood";
}

// The error, if any.
std::string take_key(SSL_CTX* context, const IdentityFiles& files) {
  auto text = read_regular_file(files.key, {.secret = files.key_group});
  if (!text) return to_string(text.error());
  const auto key = read_private_key(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return key.error() + "; give a PEM file with the private key, not encrypted";
  if (!prove_with(context, key->get()))
    return "not the key of " + files.certificate + "; give the one it was issued for";
  return {};
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

}  // namespace

tl::expected<void, std::string> show_certificates(SSL_CTX* context, const std::vector<X509Ptr>& certificates) {
  bool taken =
      SSL_CTX_use_certificate(context, certificates.front().get()) == 1 && SSL_CTX_clear_chain_certs(context) == 1;
  for (std::size_t i = 1; taken && i < certificates.size(); ++i)
    taken = SSL_CTX_add1_chain_cert(context, certificates[i].get()) == 1;
  if (taken) return {};
  return tl::unexpected(last_words());
}

bool prove_with(SSL_CTX* context, EVP_PKEY* key) {
  // SSL_CTX_use_PrivateKey() takes a key of another kind than the certificate's beside that, without a word.
  const bool taken =
      X509_check_private_key(SSL_CTX_get0_certificate(context), key) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  ERR_clear_error();
  return taken;
}

tl::expected<void, std::string> show_files(SSL_CTX* context, const IdentityFiles& files) {
  const auto fault = [&](const std::string& why) {
    return tl::unexpected(std::string(files.certificate_option) + " " + files.certificate + ": " + why);
  };
  const std::string remedy = "; give a PEM file with the certificate and its chain";
  const auto text = read_regular_file(files.certificate);
  if (!text) return fault(to_string(text.error()));
  const auto chain = read_certificates(*text);
  if (!chain) return fault(chain.error() + remedy);
  if (const auto shown = show_certificates(context, *chain); !shown) return fault(shown.error() + remedy);
  if (const std::string why = take_key(context, files); !why.empty())
    return tl::unexpected(std::string(files.key_option) + " " + files.key + ": " + why);
  return {};
}

tl::expected<void, std::string> ask_clients(SSL_CTX* context, const char* option, const std::string& path) {
  const auto fault = [&](const std::string& why) {
    return tl::unexpected(std::string(option) + " " + path + ": " + why);
  };
  const std::string remedy = "; give a PEM file with the authorities' certificates";
  const auto text = read_regular_file(path);
  if (!text) return fault(to_string(text.error()));
  const auto authorities = read_certificates(*text);
  if (!authorities) return fault(authorities.error() + remedy);
  for (const X509Ptr& authority : *authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1)
      return fault(last_words() + remedy);
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_max_cert_list(context, kMostClientChainBytes);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

bool shows_same(SSL_CTX* one, SSL_CTX* other) {
  return X509_cmp(SSL_CTX_get0_certificate(one), SSL_CTX_get0_certificate(other)) == 0 &&
         same(chain_of(one), chain_of(other));
}

bool asks_for_same(SSL_CTX* one, SSL_CTX* other) {
  return same(authorities_of(one).get(), authorities_of(other).get());
}

}  // namespace parley

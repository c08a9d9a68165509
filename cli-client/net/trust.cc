#include "cli-client/net/trust.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <filesystem>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "base/net/tls_identity.h"
#include "base/pem.h"
#include "cli-client/base/given_file.h"
#include "cli-client/net/system_authorities.h"

namespace parley::client {
namespace {

// ALPN's wire form: each name behind its length.
constexpr unsigned char kAlpn[] = {7, 'r', 'e', 'l', 'a', 'y', '/', '1'};

tl::expected<std::vector<X509Ptr>, std::string> certificates_of(const std::string& path) {
  const auto text = read_given_file(path);
  if (!text) return tl::unexpected(text.error());
  return read_certificates(*text);
}

}  // namespace

tl::expected<Trust, std::string> Trust::make(std::string ca, std::optional<Pin> pin, ClientCertificate own) {
  Trust trust;
  trust.ca_ = std::move(ca);
  trust.pin_ = pin;
  trust.own_ = std::move(own);
  trust.context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = trust.context_.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(context, kAlpn, sizeof kAlpn) != 0) {
    throw std::bad_alloc();
  }
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (auto loaded = trust.load_own(); !loaded) return tl::unexpected(loaded.error());
  if (trust.pin_) return trust;

  if (trust.ca_.empty()) {
    trust.finds_authorities_ = trust_system_authorities(context);
    return trust;
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(trust.ca_, ignored)) {
    const bool loaded = SSL_CTX_load_verify_dir(context, trust.ca_.c_str()) == 1;
    ERR_clear_error();
    if (!loaded) return tl::unexpected("cannot use the folder of CA certificates " + trust.ca_);
    return trust;
  }
  const auto authorities = certificates_of(trust.ca_);
  if (!authorities) return tl::unexpected("cannot use the CA certificates " + trust.ca_ + ": " + authorities.error());
  for (const X509Ptr& authority : *authorities) X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
  return trust;
}

tl::expected<void, std::string> Trust::load_own() {
  if (own_.certificate.empty()) return {};
  SSL_CTX* const context = context_.get();
  const auto certificates = certificates_of(own_.certificate);
  const auto shown = certificates.and_then([&](const auto& chain) { return show_certificates(context, chain); });
  if (!shown) return tl::unexpected("cannot use the client certificate " + own_.certificate + ": " + shown.error());
  const auto unusable = [this](const std::string& why) {
    return tl::unexpected("cannot use the client key " + own_.key + ": " + why);
  };
  auto text = read_given_file(own_.key);
  if (!text) return unusable(text.error());
  const auto key = read_private_key(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return unusable(key.error() + "; it must be in PEM form and not encrypted");
  if (!prove_with(context, key->get()))
    return tl::unexpected("the client key " + own_.key + " is not that of " + own_.certificate);
  return {};
}

}  // namespace parley::client

#include "cli-client/net/trust.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "base/base64url.h"

namespace parley::client {
namespace {

constexpr std::string_view kPinPrefix = "sha256:";
// ALPN's wire form: each name behind its length.
constexpr unsigned char kAlpn[] = {7, 'r', 'e', 'l', 'a', 'y', '/', '1'};

// Of the last failure: a system call's words where there was one, they are the first.
std::string why() {
  const unsigned long first = ERR_peek_error();
  const unsigned long error = ERR_SYSTEM_ERROR(first) ? first : ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
  const char* const text = ERR_reason_error_string(error);
  return text != nullptr ? text : "not understood";
}

}  // namespace

std::optional<Pin> parse_pin(std::string_view text) {
  if (text.starts_with(kPinPrefix)) text.remove_prefix(kPinPrefix.size());
  return from_base64url<std::tuple_size_v<Pin>>(text);
}

std::string pin_text(const Pin& pin) { return std::string(kPinPrefix) + to_base64url(pin); }

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
    SSL_CTX_set_default_verify_paths(context);
    ERR_clear_error();
    return trust;
  }
  struct stat status{};
  if (::stat(trust.ca_.c_str(), &status) != 0) {
    return tl::unexpected("cannot read the CA certificates " + trust.ca_ + ": " +
                          std::generic_category().message(errno));
  }
  const int loaded = S_ISDIR(status.st_mode) ? SSL_CTX_load_verify_dir(context, trust.ca_.c_str())
                                             : SSL_CTX_load_verify_file(context, trust.ca_.c_str());
  ERR_clear_error();
  if (loaded != 1) return tl::unexpected("there is no certificate in PEM form in " + trust.ca_);
  return trust;
}

tl::expected<void, std::string> Trust::load_own() {
  if (own_.certificate.empty()) return {};
  SSL_CTX* const context = context_.get();
  // An encrypted key would be asked for on the terminal, which may be a chat's.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, own_.certificate.c_str()) != 1)
    return tl::unexpected("cannot use the client certificate " + own_.certificate + ": " + why());
  const bool loaded = SSL_CTX_use_PrivateKey_file(context, own_.key.c_str(), SSL_FILETYPE_PEM) == 1;
  // OpenSSL takes a key of another kind without a word, and keeps it beside the certificate's place.
  if (loaded && SSL_CTX_check_private_key(context) == 1) return {};
  if (loaded || ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
    return tl::unexpected("the client key " + own_.key + " is not that of " + own_.certificate);
  return tl::unexpected("cannot use the client key " + own_.key + ": " + why() +
                        "; it must be in PEM form and not encrypted");
}

}  // namespace parley::client

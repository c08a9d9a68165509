#include "engine/trust.h"

#include <openssl/err.h>
#include <sys/stat.h>

#include <cerrno>
#include <new>
#include <system_error>

#include "base/base64url.h"

namespace parley::client {
namespace {

constexpr std::string_view kPinPrefix = "sha256:";
// ALPN's wire form: each name behind its length.
constexpr unsigned char kAlpn[] = {7, 'r', 'e', 'l', 'a', 'y', '/', '1'};

}  // namespace

std::optional<Pin> parse_pin(std::string_view text) {
  if (text.starts_with(kPinPrefix)) text.remove_prefix(kPinPrefix.size());
  return from_base64url<std::tuple_size_v<Pin>>(text);
}

std::string pin_text(const Pin& pin) { return std::string(kPinPrefix) + to_base64url(pin); }

tl::expected<Trust, std::string> Trust::make(std::string ca, std::optional<Pin> pin) {
  Trust trust;
  trust.ca_ = std::move(ca);
  trust.pin_ = pin;
  trust.context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = trust.context_.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(context, kAlpn, sizeof kAlpn) != 0) {
    throw std::bad_alloc();
  }
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // The check is done after the handshake, where a pin may overrule it and its failure gets a sentence of its own.
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
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

}  // namespace parley::client

#include "base/tls_identity.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace parley {

tl::expected<void, std::string> show_certificates(SSL_CTX* context, const std::vector<X509Ptr>& certificates) {
  bool taken =
      SSL_CTX_use_certificate(context, certificates.front().get()) == 1 && SSL_CTX_clear_chain_certs(context) == 1;
  for (std::size_t i = 1; taken && i < certificates.size(); ++i)
    taken = SSL_CTX_add1_chain_cert(context, certificates[i].get()) == 1;
  if (taken) return {};
  const char* const text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return tl::make_unexpected(std::string(text != nullptr ? text : "not understood"));
}

bool prove_with(SSL_CTX* context, EVP_PKEY* key) {
  // SSL_CTX_use_PrivateKey() takes a key of another kind than the certificate's beside that, without a word.
  const bool taken =
      X509_check_private_key(SSL_CTX_get0_certificate(context), key) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  ERR_clear_error();
  return taken;
}

}  // namespace parley

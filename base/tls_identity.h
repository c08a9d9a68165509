#pragma once

#include <openssl/types.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/openssl_ptr.h"

namespace parley {

// What one side of TLS shows the other.

// The first certificate is this side's own, the others are its chain. The error says why in OpenSSL's words.
tl::expected<void, std::string> show_certificates(SSL_CTX* context, const std::vector<X509Ptr>& certificates);

// After show_certificates(). False when it is the key of another certificate.
bool prove_with(SSL_CTX* context, EVP_PKEY* key);

}  // namespace parley

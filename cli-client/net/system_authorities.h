#pragma once

#include <openssl/ssl.h>

namespace parley::client {

// Lets the certificate authorities of this machine vouch for relays: those that SSL_CERT_FILE and SSL_CERT_DIR name,
// else those of OpenSSL's own places, else those of a place that another distribution has. False: there are none.
bool trust_system_authorities(SSL_CTX* context);

}  // namespace parley::client

#include "base/version.h"

#include <openssl/crypto.h>

namespace parley {

std::string_view version() { return PARLEY_VERSION; }

std::string_view openssl_version() { return OpenSSL_version(OPENSSL_VERSION_STRING); }

}  // namespace parley

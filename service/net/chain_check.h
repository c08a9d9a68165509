#pragma once

#include <openssl/types.h>

#include <optional>
#include <string>

namespace parley {

// Whom a client that trusts what this machine trusts could not find: the issuer at which the way from the certificate,
// over its chain, to an authority ends. nullopt: there is a way, or nobody can say, since the certificate is signed by
// itself, or this machine trusts nobody. Dates and names are not looked at.
std::optional<std::string> missing_issuer(const SSL_CTX* context);

}  // namespace parley

#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/openssl_ptr.h"

namespace parley {

// What a text of PEM blocks (RFC 7468) holds; blocks of other kinds are passed over. The text is judged whole: of one
// that is cut off or damaged anywhere nothing is taken. The error says in a few words why there is nothing to be had.

// Every certificate in it, in that order; at least one.
tl::expected<std::vector<X509Ptr>, std::string> read_certificates(std::string_view pem);

// The first private key in it. One that is encrypted is refused: nobody is asked for a password.
tl::expected<PkeyPtr, std::string> read_private_key(std::string_view pem);

}  // namespace parley

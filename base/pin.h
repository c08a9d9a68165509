#pragma once

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

// SHA-256 of a relay's SubjectPublicKeyInfo in DER (RFC 7469 section 2.4): what tells a relay from others without an
// authority.
using Pin = std::array<std::byte, 32>;

// nullopt when the certificate has no key that can be written.
std::optional<Pin> pin_of(const X509* certificate);

// "sha256:" and 43 characters of base64url; the prefix may be left out when reading.
std::string pin_text(const Pin& pin);
std::optional<Pin> parse_pin(std::string_view text);

}  // namespace parley

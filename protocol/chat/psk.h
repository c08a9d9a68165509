#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace parley::chat {

// The same for everybody: which invite it is, the key says.
constexpr std::string_view kPskIdentity = "parley inner tls 1";

constexpr std::size_t kSecretBytes = 16;
constexpr std::size_t kPskBytes = 32;

using Secret = SecretBytes<kSecretBytes>;  // an invite's SECRET
using Psk = SecretBytes<kPskBytes>;        // what the inner TLS is keyed with

// HKDF-SHA-256 (RFC 5869) over an invite's secret; the room, as its 22 characters, is the salt, so that a secret is
// of no use in another room. Aborts when OpenSSL cannot (no memory).
Psk derive_psk(const Secret& secret, std::string_view room);

// What two people compare aloud, from the inner TLS's exporter: four groups of five digits.
constexpr std::string_view kVerifyLabel = "EXPORTER-parley-verify-1";
constexpr std::size_t kVerifyBytes = 16;
std::string verify_text(std::span<const std::byte, kVerifyBytes> exported);

}  // namespace parley::chat

#pragma once

#include <cstddef>
#include <span>

namespace parley::classic {

// Takes RSAES-PKCS1-v1_5 padding off in constant time, with implicit rejection: where the padding is bad the
// result is a pseudo-random message of pseudo-random length, derived from the key's secret and the block, the
// same one each time, so that neither time nor behaviour tells a good block from a bad one.
// Derivation: draft-irtf-cfrg-rsa-guidance section 7, as OpenSSL 3.2 and later implement it, so that both give
// the same message for the same key and block.
// `padded`: the raw result, k bytes. `block`: what came over the wire, k bytes. `secret`: SHA-256 of the private
// exponent (k bytes, big-endian). `message`: at least k bytes. Returns the message's length, at most k - 11.
std::size_t unpad(std::span<const std::byte> padded, std::span<const std::byte> block,
                  std::span<const std::byte, 32> secret, std::span<std::byte> message);

}  // namespace parley::classic

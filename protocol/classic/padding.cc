#include "protocol/classic/padding.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/big_endian.h"
#include "base/openssl.h"
#include "base/openssl_ptr.h"
#include "protocol/classic/public_key.h"

namespace parley::classic {
namespace {

constexpr std::size_t kHashBytes = SHA256_DIGEST_LENGTH;
// Lengths of the pseudo-random message are drawn this often, and the last that fits is taken, so that no
// division by a secret is needed; that none fits has a probability of 2^-128.
constexpr std::size_t kLengthDraws = 128;

using Hash = std::array<std::uint8_t, kHashBytes>;

// Masks: all ones for true, zero for false. The compiler must not find out and branch, hence opaque().
using Mask = std::uint32_t;

Mask opaque(Mask m) {
  __asm__("" : "+r"(m));
  return m;
}
// For values below 2^31.
Mask is_below(std::uint32_t a, std::uint32_t b) { return opaque(0U - ((a - b) >> 31)); }
Mask is_zero(std::uint32_t a) { return is_below(a, 1); }
Mask is_equal(std::uint32_t a, std::uint32_t b) { return is_zero(a ^ b); }
std::uint32_t choose(Mask m, std::uint32_t yes, std::uint32_t no) { return (m & yes) | (~m & no); }

// Looking the algorithms up takes longer than all the hashing for a block, so that is done once.
MacCtxPtr hmac_sha256() {
  static const MacCtxPtr unkeyed = [] {
    const MacPtr hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    MacCtxPtr made(EVP_MAC_CTX_new(hmac.get()));
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    must(made && EVP_MAC_CTX_set_params(made.get(), parameters) == 1, "EVP_MAC_CTX_set_params");
    return made;
  }();
  MacCtxPtr copy(EVP_MAC_CTX_dup(unkeyed.get()));
  must(copy != nullptr, "EVP_MAC_CTX_dup");
  return copy;
}

// HMAC-SHA256 (RFC 2104) of several texts under one key at a time.
class Hmac {
 public:
  void set_key(std::span<const std::uint8_t> key) {
    must(EVP_MAC_init(ctx_.get(), key.data(), key.size(), nullptr) == 1, "EVP_MAC_init");
    fresh_ = true;
  }

  Hash of(std::span<const std::uint8_t> text) {
    Hash hash;
    std::size_t length = 0;
    must((fresh_ || EVP_MAC_init(ctx_.get(), nullptr, 0, nullptr) == 1) &&
             EVP_MAC_update(ctx_.get(), text.data(), text.size()) == 1 &&
             EVP_MAC_final(ctx_.get(), hash.data(), &length, hash.size()) == 1,
         "HMAC");
    fresh_ = false;
    return hash;
  }

 private:
  MacCtxPtr ctx_ = hmac_sha256();
  bool fresh_ = false;  // a key was set, and no text has been hashed since
};

// The draft's IRPRF: output is HMACs of counter (2 bytes), label, output's length in bits (2 bytes).
void derive(Hmac& hmac, std::string_view label, std::span<std::uint8_t> out) {
  std::array<std::uint8_t, 2 + 8 + 2> text;
  const std::size_t bits = out.size() * 8;
  std::copy(label.begin(), label.end(), text.begin() + 2);
  const auto bytes = std::as_writable_bytes(std::span(text));
  write_number(bytes.subspan(2 + label.size(), 2), bits);
  for (std::size_t at = 0, count = 0; at < out.size(); at += kHashBytes, ++count) {
    write_number(bytes.first(2), count);
    const Hash hash = hmac.of(std::span(text).first(2 + label.size() + 2));
    std::copy_n(hash.begin(), std::min(kHashBytes, out.size() - at), out.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

// The pseudo-random message's length, below `limit`.
std::uint32_t derive_length(Hmac& hmac, std::uint32_t limit) {
  std::array<std::uint8_t, kLengthDraws * 2> draws;
  derive(hmac, "length", draws);
  std::uint32_t mask = limit;
  for (unsigned shift = 1; shift <= 8; shift *= 2) {
    mask |= mask >> shift;
  }
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < draws.size(); i += 2) {
    const std::uint32_t draw = ((std::uint32_t{draws[i]} << 8) | draws[i + 1]) & mask;
    length = choose(is_below(draw, limit), draw, length);
  }
  return length;
}

}  // namespace

std::size_t unpad(std::span<const std::byte> padded, std::span<const std::byte> block,
                  std::span<const std::byte, 32> secret, std::span<std::byte> message) {
  const auto k = static_cast<std::uint32_t>(padded.size());
  const auto* in = reinterpret_cast<const std::uint8_t*>(padded.data());

  // What is given out when the padding is bad, made in any case.
  std::array<std::uint8_t, kMaxBlockBytes> text;
  const auto used = std::span(text).first(k);
  Hmac hmac;
  hmac.set_key({reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size()});
  Hash derivation_key = hmac.of({reinterpret_cast<const std::uint8_t*>(block.data()), block.size()});
  hmac.set_key(derivation_key);
  derive(hmac, "message", used);
  const std::uint32_t made_length = derive_length(hmac, k - 2 - 8);

  // 00 02, eight bytes or more that are not zero, 00 (RFC 8017 7.2.2).
  Mask good = is_zero(in[0]) & is_equal(in[1], 2);
  Mask separated = 0;
  std::uint32_t separator = 0;
  for (std::uint32_t i = 2; i < k; ++i) {
    const Mask zero = is_zero(in[i]);
    separator = choose(zero & ~separated, i, separator);
    separated |= zero;
  }
  good &= ~is_below(separator, 2 + 8);

  for (std::uint32_t i = 0; i < k; ++i) {
    text[i] = static_cast<std::uint8_t>(choose(good, in[i], text[i]));
  }
  // The message is at the end of `text`. It is moved to the front by a fixed walk for each bit of the distance.
  const std::uint32_t begin = choose(good, separator + 1, k - made_length);
  for (std::uint32_t step = 1; step < k; step *= 2) {
    const Mask moves = ~is_zero(begin & step);
    for (std::uint32_t i = 0; i + step < k; ++i) {
      text[i] = static_cast<std::uint8_t>(choose(moves, text[i + step], text[i]));
    }
  }
  const std::uint32_t length = k - begin;
  for (std::uint32_t i = 0; i < k; ++i) {
    message[i] = static_cast<std::byte>(text[i] & is_below(i, length));
  }
  OPENSSL_cleanse(text.data(), k);
  OPENSSL_cleanse(derivation_key.data(), derivation_key.size());
  return length;
}

}  // namespace parley::classic

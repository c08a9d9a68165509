#pragma once

#include <system_error>

namespace parley::classic {

// What can be wrong with bytes of the classic protocol. Every value is the peer's doing.
enum class Errc {
  not_a_key = 1,      // not a PEM "RSA PUBLIC KEY", or not the DER inside it
  key_too_long,       // more than kMaxKeyBytes with no END line
  key_out_of_bounds,  // modulus or exponent outside the limits
  message_too_long,   // more than the key's block can hold
  bad_block,          // not one modulus long, or not below the modulus
};

const std::error_category& errc_category() noexcept;
std::error_code make_error_code(Errc e) noexcept;

}  // namespace parley::classic

template <>
struct std::is_error_code_enum<parley::classic::Errc> : std::true_type {};

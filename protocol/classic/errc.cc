#include "protocol/classic/errc.h"

#include <string_view>

#include "base/error_category.h"

namespace parley::classic {
namespace {

std::string_view words(Errc e) {
  switch (e) {
    case Errc::not_a_key:
      return "not a PKCS#1 RSA public key in PEM";
    case Errc::key_too_long:
      return "key longer than 4096 bytes";
    case Errc::key_out_of_bounds:
      return "key's modulus or exponent out of bounds";
    case Errc::message_too_long:
      return "message longer than the key's block can hold";
    case Errc::bad_block:
      return "block not of the modulus' length or not below it";
  }
  return {};
}

}  // namespace

const std::error_category& errc_category() noexcept {
  static const ErrorCategory<Errc> category("classic", words);
  return category;
}

std::error_code make_error_code(Errc e) noexcept { return {static_cast<int>(e), errc_category()}; }

}  // namespace parley::classic

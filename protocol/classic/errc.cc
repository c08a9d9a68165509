#include "classic/errc.h"

#include <string>

namespace parley::classic {
namespace {

class ErrcCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "classic"; }

  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
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
    return "unknown error";
  }
};

}  // namespace

const std::error_category& errc_category() noexcept {
  static const ErrcCategory category;
  return category;
}

std::error_code make_error_code(Errc e) noexcept { return {static_cast<int>(e), errc_category()}; }

}  // namespace parley::classic

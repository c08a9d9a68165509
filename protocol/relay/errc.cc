#include "protocol/relay/errc.h"

#include <string_view>

#include "base/error_category.h"

namespace parley::relay {
namespace {

std::string_view words(Errc e) {
  switch (e) {
    case Errc::unknown_type:
      return "frame of a type that relay/1 does not have";
    case Errc::wrong_sender:
      return "frame that its sender never sends";
    case Errc::wrong_phase:
      return "frame that may not come at this point";
    case Errc::too_long:
      return "frame longer than its type may be";
    case Errc::wrong_length:
      return "frame not of the length that its type has";
    case Errc::bad_json:
      return "payload is not one JSON object in UTF-8";
    case Errc::missing_member:
      return "payload lacks a member";
    case Errc::wrong_type:
      return "payload has a member of the wrong type";
    case Errc::bad_value:
      return "payload has a member out of bounds";
  }
  return {};
}

}  // namespace

const std::error_category& errc_category() noexcept {
  static const ErrorCategory<Errc> category("relay", words);
  return category;
}

std::error_code make_error_code(Errc e) noexcept { return {static_cast<int>(e), errc_category()}; }

}  // namespace parley::relay

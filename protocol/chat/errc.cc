#include "protocol/chat/errc.h"

#include <string_view>

#include "base/error_category.h"

namespace parley::chat {
namespace {

std::string_view words(Errc e) {
  switch (e) {
    case Errc::wrong_secret:
      return "the other side has another invite";
    case Errc::damaged:
      return "what came is not what the other side sent";
    case Errc::stream_closed:
      return "the other side has ended the encrypted stream";
    case Errc::in_clear:
      return "the other side has no invite";
    case Errc::in_secret:
      return "the other side has an invite";
    case Errc::bad_type:
      return "record of an unknown type";
    case Errc::bad_length:
      return "record of a length that its type does not allow";
    case Errc::bad_number:
      return "record with a wrong sequence number for its type";
    case Errc::bad_body:
      return "record whose body is not what its type says";
    case Errc::other_protocol:
      return "the other side speaks another version of the protocol";
    case Errc::reflected:
      return "our own messages came back to us";
    case Errc::hello_expected:
      return "record before HELLO";
    case Errc::hello_unexpected:
      return "HELLO where none may be";
    case Errc::gap:
      return "records are missing";
    case Errc::never_sent:
      return "acknowledgement of what was never sent";
    case Errc::after_bye:
      return "record after BYE";
    case Errc::after_stream:
      return "record after the end of the stream";
    case Errc::bad_transfer:
      return "record about a file that may not come there";
  }
  return {};
}

}  // namespace

const std::error_category& errc_category() noexcept {
  static const ErrorCategory<Errc> category("chat", words);
  return category;
}

std::error_code make_error_code(Errc e) noexcept { return {static_cast<int>(e), errc_category()}; }

}  // namespace parley::chat

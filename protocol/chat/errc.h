#pragma once

#include <system_error>

namespace parley::chat {

// What can be wrong with what the other side, or the relay between, sends.
enum class Errc {
  // the inner TLS
  wrong_secret = 1,  // the other side has another invite
  damaged,           // not what the other side sent: changed, dropped, repeated or moved on the way
  stream_closed,     // the other side has ended the inner TLS
  in_clear,          // the other side has no invite, and speaks without it
  in_secret,         // there is no inner TLS here, and the other side begins one: it has an invite
  // records
  bad_type,    // a type that is unknown and below 128
  bad_length,  // longer, or shorter, than the type allows
  bad_number,  // numbered where it must not be, not numbered where it must, or over kMaxSequence
  bad_body,    // the body is not what the type says
  // the conversation
  other_protocol,    // HELLO names another version
  reflected,         // HELLO is our own
  hello_expected,    // a record before an accepted HELLO
  hello_unexpected,  // a HELLO after an accepted one, or a third
  gap,               // a number that skips others
  never_sent,        // acknowledges what was never sent
  after_bye,         // numbered, and after BYE
  after_stream,      // numbered, not BYE, and after the end of the stream
  // files
  bad_transfer,  // OFFER, ANSWER, CHUNK or DONE where none may be, or not of what was offered
};

const std::error_category& errc_category() noexcept;
std::error_code make_error_code(Errc e) noexcept;

}  // namespace parley::chat

template <>
struct std::is_error_code_enum<parley::chat::Errc> : std::true_type {};

#include "cli-client/engine/chat_errors.h"

#include "protocol/chat/errc.h"

namespace parley::client {

Outcome outcome_of(std::error_code error) {
  const auto failed = [](ExitStatus status, std::string text) {
    return Outcome{Outcome::Kind::failed, status, std::move(text)};
  };
  if (error == chat::Errc::in_clear) {
    return failed(ExitStatus::refused,
                  "the other side is in this room without the invite; both need the very same one");
  }
  if (error == chat::Errc::in_secret) {
    return failed(ExitStatus::refused,
                  "the other side has an invite for this room; take the same one in place of --room");
  }
  if (error == chat::Errc::other_protocol) {
    return failed(ExitStatus::refused,
                  "the other side speaks another version of chat/1; one of the two needs a newer parley");
  }
  if (error == chat::Errc::reflected)
    return failed(ExitStatus::failed, "the relay sends back what it is sent; the conversation was given up");
  return failed(ExitStatus::failed,
                "the other side does not keep to chat/1 (" + error.message() + "); the conversation was given up");
}

}  // namespace parley::client

#include "cli-client/engine/relay_errors.h"

#include "cli-client/base/escape.h"

namespace parley::client {
namespace {

RelayAnswer retry(std::string text, const relay::Error& error) {
  RelayAnswer answer;
  answer.retry = true;
  answer.wait = error.retry_after.value_or(std::chrono::seconds(0));
  answer.text = std::move(text);
  return answer;
}

RelayAnswer again_as_new(std::string text, const relay::Error& error) {
  RelayAnswer answer = retry(std::move(text), error);
  answer.forget_token = true;
  answer.at_once = true;
  return answer;
}

RelayAnswer final(ExitStatus status, std::string text) {
  RelayAnswer answer;
  answer.forget_token = true;
  answer.status = status;
  answer.text = std::move(text);
  return answer;
}

// Mended by its user, who may then take the place back.
RelayAnswer without_access(const std::string& relay) {
  RelayAnswer answer = final(ExitStatus::refused, relay +
                                                      " takes only clients with an access token; ask its operator for "
                                                      "one, and give it with --access-file or PARLEY_ACCESS_TOKEN");
  answer.forget_token = false;
  return answer;
}

}  // namespace

RelayAnswer answer_to(const relay::Error& error, const std::string& relay, bool by_invite, bool had_token) {
  using Code = relay::ErrorCode;
  switch (error.code) {
    case Code::room_full:
      return final(ExitStatus::refused, by_invite ? "two others are in this invite's room already; make a new invite"
                                                  : "two others are in the room already; take another name");
    case Code::room_held:
      return retry("the room is kept for somebody whose connection broke", error);
    case Code::bad_resume:
      // Without a token there is nothing to forget, and a relay that says so does not know what it says.
      if (!had_token) return final(ExitStatus::refused, relay + " refuses a token that it was not shown");
      return again_as_new("the relay does not know the conversation any more", error);
    case Code::waited_too_long:
      return again_as_new("nobody came within the relay's time", error);
    case Code::rate_limited:
      return retry("the relay takes no more from this address for now", error);
    case Code::overloaded:
      return retry("the relay is full", error);
    case Code::draining:
      return retry("the relay is shutting down", error);
    case Code::idle:
      return retry("the relay took this side for gone", error);
    case Code::too_slow:
      return retry("the connection to the relay was too slow", error);
    case Code::ended_by_operator:
      return final(ExitStatus::refused, "the relay's operator has ended the conversation");
    case Code::unauthorized:
      return without_access(relay);
    case Code::bad_frame:
    case Code::bad_hello:
      return final(ExitStatus::failed, relay + " did not understand this client: " + escape(error.message));
    case Code::unknown:
      break;
  }
  const std::string said = relay + " said: " + escape(error.message);
  return error.retry_after ? retry(said, error) : final(ExitStatus::refused, said);
}

}  // namespace parley::client

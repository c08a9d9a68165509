#include "cli-client/engine/link.h"

#include <algorithm>
#include <cstdlib>

namespace parley::client {
namespace {

std::string seconds_until(std::chrono::steady_clock::time_point at, std::chrono::steady_clock::time_point now) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(at - now).count();
  return std::to_string(std::max<std::int64_t>(left, 0)) + " s";
}

}  // namespace

std::string reason(const Link& link) {
  const bool again = link.state == Link::State::connecting || link.state == Link::State::reconnecting;
  return again ? link.why : "";
}

std::string link_text(const Link& link, std::chrono::steady_clock::time_point now) {
  const std::string why = reason(link);
  return (why.empty() ? "" : why + "; ") + brief_link_text(link, now);
}

std::string brief_link_text(const Link& link, std::chrono::steady_clock::time_point now) {
  const std::string who = link.partner.empty() ? "the other side" : link.partner;
  switch (link.state) {
    case Link::State::connecting:
      return link.why.empty() ? "connecting to the relay" : "connecting again";
    case Link::State::waiting:
      return "waiting for " + who;
    case Link::State::greeting:
      return who + " is there; making sure of each other";
    case Link::State::together:
      return "connected with " + who;
    case Link::State::partner_lost:
      return who + " has lost its connection; waiting for it to come back";
    case Link::State::reconnecting:
      return "connecting again" + (link.retry_at ? " in " + seconds_until(*link.retry_at, now) : "");
    case Link::State::leaving:
      return "leaving";
    case Link::State::ended:
      return "ended";
  }
  std::abort();
}

const char* link_label(Link::State state) {
  switch (state) {
    case Link::State::connecting:
      return "connecting";
    case Link::State::waiting:
      return "waiting";
    case Link::State::greeting:
      return "greeting";
    case Link::State::together:
      return "together";
    case Link::State::partner_lost:
      return "partner-lost";
    case Link::State::reconnecting:
      return "reconnecting";
    case Link::State::leaving:
      return "leaving";
    case Link::State::ended:
      return "ended";
  }
  std::abort();
}

const char* outcome_label(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::done:
      return "done";
    case Outcome::Kind::left:
      return "left";
    case Outcome::Kind::partner_gone:
      return "partner-gone";
    case Outcome::Kind::failed:
      return "failed";
  }
  std::abort();
}

}  // namespace parley::client

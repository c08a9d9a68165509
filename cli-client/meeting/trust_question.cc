#include "cli-client/meeting/trust_question.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "base/trim.h"
#include "cli-client/base/say.h"
#include "cli-client/meeting/known_relays.h"
#include "cli-client/terminal/answer.h"
#include "cli-client/terminal/screen.h"

namespace parley::client {
namespace {

// The conversation's signals are blocked, to be read as events; here they end the program as they usually do.
bool ask(const Pin& pin) {
  sigset_t none;
  sigset_t before;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, &before);
  std::array<char, 128> answer{};
  const bool answered = std::fgets(answer.data(), answer.size(), stdin) != nullptr;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return answered && (is_yes(answer.data()) || trim(answer.data()) == pin_text(pin));
}

}  // namespace

bool trust_after_asking(Plan& plan, const Outcome& outcome) {
  if (!outcome.pin) return false;
  if (!user_can_be_asked()) {
    say(outcome.text);
    return false;
  }
  // What was typed before the question is no answer to it.
  ::tcflush(STDIN_FILENO, TCIFLUSH);
  std::fprintf(stderr,
               "Nobody known here vouches for the relay %s. Its key is\n  %s\n"
               "Compare it with what the relay's operator says, or paste that here.\n"
               "Trust it, now and from now on? [y/N] ",
               plan.meeting.relay.text().c_str(), pin_text(*outcome.pin).c_str());
  if (!ask(*outcome.pin)) {
    say("not trusted, so nothing was said to it");
    return false;
  }
  if (const auto error = remember_relay(plan.meeting.relay, *outcome.pin)) {
    say(*error + "; it will be asked again, unless you give --pin " + pin_text(*outcome.pin) +
        " or set PARLEY_PIN to that");
  }
  plan.trust = plan.trust.with_pin(*outcome.pin).value();
  return true;
}

}  // namespace parley::client

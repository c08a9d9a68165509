#include "cli-client/terminal/hidden_input.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

#include "cli-client/base/clock.h"
#include "cli-client/base/poll_timeout.h"
#include "cli-client/base/sudden_end.h"

namespace parley::client {
namespace {

sigset_t signal_mask() {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return mask;
}

}  // namespace

HiddenInput::HiddenInput(std::string prompt) : prompt_(std::move(prompt)), mask_before_(signal_mask()), signals_(true) {
  is_terminal_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
  hide();
}

HiddenInput::~HiddenInput() {
  end();
  ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void HiddenInput::hide() {
  termios silent = before_;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  // Before the prompt: what is typed as soon as that is seen must neither be shown nor be lost.
  if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  std::fputs(prompt_.c_str(), stderr);
}

void HiddenInput::show() {
  if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  std::fputs("\n", stderr);
}

void HiddenInput::end() {
  if (!std::exchange(ended_, true)) show();
}

bool HiddenInput::await(std::optional<std::chrono::milliseconds> within) {
  const auto deadline = within ? std::optional(Clock::now() + *within) : std::nullopt;
  for (;;) {
    std::array<pollfd, 2> fds{{{STDIN_FILENO, POLLIN, 0}, {signals_.fd(), POLLIN, 0}}};
    const int count = ::poll(fds.data(), fds.size(), poll_timeout(deadline, Clock::now()));
    if (count == 0) return false;
    if (count < 0) continue;
    while (const auto number = signals_.next()) obey(*number);
    if (fds[0].revents != 0) return true;
  }
}

void HiddenInput::obey(int signal) {
  if (Signals::ends(signal)) {
    show();
    end_at(signal);
  }
  if (signal == SIGTSTP) {
    show();
    // SIGTSTP itself is blocked; SIGSTOP does the same to this process.
    std::raise(SIGSTOP);
  } else if (signal == SIGCONT) {
    hide();
  }
}

}  // namespace parley::client

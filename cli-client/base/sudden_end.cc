#include "cli-client/base/sudden_end.h"

#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <initializer_list>

namespace parley::client {
namespace {

// Read by signal handlers. Set before those are.
termios modes_at_start{};
bool has_modes = false;
std::atomic<const char*> last_words{nullptr};

// Only what signal-safety(7) allows.
void restore_terminal() {
  // In the background it is another program's; to change it would stop us.
  const pid_t front = ::tcgetpgrp(STDIN_FILENO);
  if (!has_modes || (front != -1 && front != ::getpgrp())) return;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &modes_at_start);
  const char* const words = last_words.load();
  if (words != nullptr && ::write(STDOUT_FILENO, words, std::strlen(words)) < 0) return;
}

void die_of(int signal) {
  restore_terminal();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
  ::_exit(128 + signal);  // as PID 1
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction before{};
  if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler != SIG_DFL) return;
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_NODEFER;  // it is raised again
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void prepare_for_signals() {
  has_modes = ::tcgetattr(STDIN_FILENO, &modes_at_start) == 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) handle(signal, end_at);
  for (const int signal : {SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGIO, SIGPROF, SIGPWR, SIGSEGV, SIGSTKFLT, SIGSYS,
                           SIGTRAP, SIGUSR2, SIGVTALRM, SIGXCPU}) {
    handle(signal, die_of);
  }
  handle(SIGUSR1, SIG_IGN);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) handle(signal, die_of);
}

void end_at(int signal) {
  restore_terminal();
  ::_exit(128 + signal);
}

void set_last_words(const char* literal) { last_words = literal; }

}  // namespace parley::client

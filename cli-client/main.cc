// parley: arguments in, exit status out.

#include <fcntl.h>
#include <langinfo.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "cli-client/base/exit_status.h"
#include "cli-client/base/own_library.h"
#include "cli-client/base/sudden_end.h"
#include "cli-client/commands/program.h"

namespace parley::client {
namespace {

// Standard descriptors that are closed would be given to the next socket.
void open_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // Output that nobody can have must fail, as it would without this, and not seem to be written.
    const int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    if (::fcntl(fd, F_GETFD) == -1) (void)::open("/dev/null", mode);
  }
}

// Keys and what is said stay out of core files and debuggers.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

// `send` holds a descriptor for each folder that its arguments are in: the usual 1,024 are few, and may be raised.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Text on the wire is UTF-8, so lines are edited in UTF-8 also where the environment names no such locale. Characters
// alone: our words are English, and so are the C library's among them; numbers have a decimal point.
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(::nl_langinfo(CODESET)) == "UTF-8") return;
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) use_own_characters();
}

}  // namespace
}  // namespace parley::client

int main(int argc, char** argv) {
  using namespace parley::client;
  try {
    prepare_for_signals();
    open_standard_descriptors();
    stand_alone();
    forbid_core_dumps();
    allow_many_descriptors();
    use_utf8();
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);  // a file beyond `ulimit -f`: write(2) says EFBIG
    return run_program(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "parley: %s\n", error.what());
    return static_cast<int>(ExitStatus::failed);
  }
}

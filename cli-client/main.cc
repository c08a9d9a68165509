// parley: arguments in, exit status out.

#include <fcntl.h>
#include <langinfo.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/edit_distance.h"
#include "base/version.h"
#include "cli-client/base/exit_status.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/base/sudden_end.h"
#include "cli-client/commands/commands.h"
#include "cli-client/commands/help.h"
#include "cli-client/commands/mistake.h"
#include "cli-client/commands/set_options.h"
#include "cli-client/meeting/given.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/settings/settings_file.h"

namespace parley::client {
namespace {

constexpr const char* kFooter =
    R"(Examples:
  parley config set relay relay.example.org   needs no --relay then
  parley chat                                 make an invite, and show it
  parley chat 'parley://...'                  talk to whoever made that invite
  parley send report.pdf                      the other side: parley receive
Exit status: 0 done, 1 failed, 2 usage, 3 could not connect, 4 refused by the
relay or the other side, or not the same secret, 130 interrupted.
More: parley COMMAND --help, man parley)";

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
  if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

// What people try that is none: `help [COMMAND]` and `version`.
std::vector<std::string> with_options_for_words(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments[0] == "version") arguments[0] = "--version";
  if (!arguments.empty() && arguments[0] == "help") {
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  return arguments;
}

int run(int argc, char** argv) {
  CLI::App app("Talk to another person, and send files, through a Parley relay.", "parley");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("-V,--version", "parley " + std::string(version()) + " (" + std::string(commit()) + ")",
                       "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.footer(kFooter);
  app.require_subcommand(1);

  const auto wrong = [](const std::string& text) {
    say(text);
    return static_cast<int>(ExitStatus::usage);
  };
  auto invite = take_given_invite(argc, argv);
  if (!invite) return wrong(invite.error());
  Given given{std::move(*invite), {}};
  std::function<int()> command;
  add_chat_command(app, given, command);
  add_send_command(app, given, command);
  add_receive_command(app, given, command);
  add_pipe_command(app, given, command);
  add_invite_command(app, given, command);
  add_check_command(app, given, command);
  add_classic_command(app, command);
  add_config_command(app, command);
  add_completion_command(app, command);

  if (argc < 2) {
    std::fprintf(
        stderr, "usage: parley COMMAND [OPTIONS]\n\n%s\nparley COMMAND --help says more, parley --help has examples.\n",
        command_list(app).c_str());
    return static_cast<int>(ExitStatus::usage);
  }
  const auto arguments = with_options_for_words({argv + 1, argv + argc});
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // the way round that CLI11 wants
  } catch (const CLI::Success& success) {
    std::ostringstream text;
    app.exit(success, text);
    return print_out(text.str());
  } catch (const CLI::ParseError& error) {
    return wrong(mistake(app, error, arguments));
  }

  CLI::App& called = *app.get_subcommands().front();
  if (takes_settings(called)) {
    auto settings = load_settings();
    if (!settings) return wrong(settings.error());
    given.settings = std::move(*settings);
    if (const auto taken = take_settings(called, given.settings); !taken) return wrong(taken.error());
  }
  return command();
}

}  // namespace
}  // namespace parley::client

int main(int argc, char** argv) {
  using namespace parley::client;
  try {
    prepare_for_signals();
    open_standard_descriptors();
    forbid_core_dumps();
    allow_many_descriptors();
    use_utf8();
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);  // a file beyond `ulimit -f`: write(2) says EFBIG
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "parley: %s\n", error.what());
    return static_cast<int>(ExitStatus::failed);
  }
}

// parley: arguments in, exit status out.

#include <fcntl.h>
#include <langinfo.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "chat_command.h"
#include "check_command.h"
#include "classic_options.h"
#include "completion_command.h"
#include "exit_status.h"
#include "given_invite.h"
#include "invite_command.h"
#include "pipe_command.h"
#include "receive_command.h"
#include "send_command.h"
#include "suggestion.h"

namespace parley::client {
namespace {

constexpr const char* kFooter =
    R"(Examples:
  parley chat --relay relay.example.org      make an invite, and wait for who has it
  parley chat 'parley://...'                 talk to whoever made that invite
  tar c . | parley pipe --relay HOST         bytes, to parley pipe 'parley://...' | tar x
  parley check relay.example.org             is the relay well?
Exit status: 0 done, 1 failed, 2 usage, 3 could not connect, 4 refused by the
relay or the other side, or not the same secret, 130 interrupted.
More: parley COMMAND --help, man parley)";

// Standard descriptors that are closed would be given to the next socket.
void open_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) == -1) (void)::open("/dev/null", O_RDWR);
  }
}

// Keys and what is said stay out of core files and debuggers.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

// Text on the wire is UTF-8, so lines are edited in UTF-8 also where the environment names no such locale.
void use_utf8() {
  std::setlocale(LC_ALL, "");
  if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

void set_signal(int number, void (*handler)(int)) {
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = handler;
  ::sigaction(number, nullptr, &before);
  if (before.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
}

void add_names(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
    add_names(*command, names);
  }
}

// "; did you mean --linger?" when one of the arguments looks like a mistyped name.
std::string suggestion(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  add_names(app, names);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string word = arguments[i].substr(0, arguments[i].find('='));
    const bool is_name = word.starts_with("--") || i == 0;
    if (!is_name || std::find(names.begin(), names.end(), word) != names.end()) continue;
    if (const std::string name = nearest(word, names); !name.empty()) return "; did you mean " + name + "?";
  }
  return "; try parley --help";
}

int run(int argc, char** argv) {
  CLI::App app("Talks to another client through a Parley relay.", "parley");
  app.set_version_flag("--version", "parley " PARLEY_VERSION " (" PARLEY_COMMIT ")", "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.footer(kFooter);
  app.require_subcommand(1);

  const auto given = take_given_invite(argc, argv);
  std::function<int()> command;
  add_chat_command(app, given, command);
  add_send_command(app, given, command);
  add_receive_command(app, given, command);
  add_pipe_command(app, given, command);
  add_invite_command(app, command);
  add_check_command(app, command);
  add_classic_command(app, command);
  add_completion_command(app, command);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::string why = error.what();
    if (why.ends_with('.')) why.pop_back();
    std::fprintf(stderr, "parley: %s%s\n", why.c_str(),
                 suggestion(app, std::vector<std::string>(argv + 1, argv + argc)).c_str());
    return static_cast<int>(ExitStatus::usage);
  }

  return command();
}

}  // namespace
}  // namespace parley::client

int main(int argc, char** argv) {
  using namespace parley::client;
  try {
    open_standard_descriptors();
    forbid_core_dumps();
    use_utf8();
    ::signal(SIGPIPE, SIG_IGN);
    // Until the poll loop watches it: nothing is to be restored yet.
    set_signal(SIGINT, [](int) { ::_exit(static_cast<int>(ExitStatus::interrupted)); });
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "parley: %s\n", error.what());
    return static_cast<int>(ExitStatus::failed);
  }
}

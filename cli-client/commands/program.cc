#include "cli-client/commands/program.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/version.h"
#include "cli-client/base/exit_status.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
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

// What people try that is none: `help [COMMAND]` and `version`.
std::vector<std::string> with_options_for_words(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments[0] == "version") arguments[0] = "--version";
  if (!arguments.empty() && arguments[0] == "help") {
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  return arguments;
}

}  // namespace

int run_program(int argc, char** argv) {
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

}  // namespace parley::client

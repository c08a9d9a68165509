#include "service/config/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/edit_distance.h"
#include "service/config/one_line.h"
#include "service/config/options.h"

namespace parley::config {
namespace {

constexpr const char* kHealthcheck = "healthcheck";
constexpr std::string_view kSeeHelp = "see parleyd --help";

ConfigError unknown(const std::string& argument) {
  std::vector<std::string> known{kHealthcheck, "ctl"};
  if (argument.starts_with('-')) {
    known = {"-h"};
    for (const Option& option : options()) known.push_back("--" + std::string(option.name));
    for (const Mode& mode : modes()) known.push_back("--" + std::string(mode.name));
  }
  const std::string name = argument.substr(0, argument.find('='));
  const std::string near = nearest(name, known);
  const std::string what = argument.starts_with('-') ? "no such option" : "no such command";
  return {(argument.starts_with('-') ? one_line(name) : '"' + one_line(name) + '"') + ": " + what + "; " +
          (near.empty() ? std::string(kSeeHelp) : "did you mean " + near + "?")};
}

std::string dashed(std::string_view name) { return "--" + std::string(name); }

}  // namespace

tl::expected<CommandLine, ConfigError> parse_command_line(const std::vector<std::string>& arguments) {
  CLI::App app{"", "parleyd"};
  app.set_help_flag();  // --help is a mode like the others
  app.allow_extras();   // so that what is unknown comes back, and gets a suggestion
  app.add_subcommand(kHealthcheck)->fallthrough();

  for (const Option& option : options()) {
    if (option.placeholder.empty()) {
      app.add_flag(dashed(option.name));
      continue;
    }
    app.add_option(dashed(option.name))
        ->type_name(std::string(option.placeholder))
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  for (const Mode& mode : modes()) {
    const std::string name = mode.name == "help" ? "-h,--help" : dashed(mode.name);
    if (mode.placeholder.empty()) {
      app.add_flag(name)->disable_flag_override();
    } else {
      app.add_option(name)->type_name(std::string(mode.placeholder))->expected(1)->take_last();
    }
  }

  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::ParseError& error) {
    return tl::make_unexpected(ConfigError{"command line: " + one_line(error.what()) + "; " + std::string(kSeeHelp)});
  }
  if (const auto rest = app.remaining(true); !rest.empty()) return tl::make_unexpected(unknown(rest.front()));

  CommandLine line;
  for (const Option& option : options()) {
    const CLI::Option* given = app.get_option(dashed(option.name));
    if (given->count() == 0) continue;
    std::vector<std::string> values = given->results();
    if (!option.repeatable) values.erase(values.begin(), values.end() - 1);
    line.values.emplace(option.name, std::move(values));
  }
  const auto given = [&](const char* name) { return app.count(name) > 0; };
  if (given("--config")) line.config_file = app.get_option("--config")->results().back();
  line.verbose = given("--verbose");
  if (given("--help")) {
    line.action = Action::help;
  } else if (given("--version")) {
    line.action = Action::version;
  } else if (given("--print-config")) {
    line.action = Action::print_config;
  } else if (given("--check-config")) {
    line.action = Action::check_config;
  } else if (app.got_subcommand(kHealthcheck)) {
    line.action = Action::healthcheck;
  }
  if (line.verbose && line.action != Action::version && line.action != Action::help)
    return tl::make_unexpected(ConfigError{"--verbose: it goes with --version only; see --log-level for more logs"});
  return line;
}

}  // namespace parley::config

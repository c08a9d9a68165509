#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "service/settings/settings.h"

// What parleyd is asked to do, from its command line, environment and configuration file. The options themselves
// are in options.h.

namespace parley::config {

struct Config {
  ServiceSettings service;
  AdminSettings admin;
  LogSettings log;
  bool reload_on_change = false;
};

// By strength, the weakest first. There may be two files: that of PARLEY_DEFAULTS, which an image or a package brings,
// is the weaker one, and who overrules it has nothing to be told.
enum class Source { standard, file, environment, command_line };

// Where a value came from.
struct Origin {
  Source source = Source::standard;
  std::string name;      // the file's path, the variable, or the option with its dashes; empty for a default
  std::size_t line = 0;  // in a file, from 1
  friend bool operator==(const Origin&, const Origin&) = default;
};
// "default", "parley.toml:3", "environment PARLEY_SHARDS", "command line --shards".
std::string to_string(const Origin& origin);

// One option's effective value, in its canonical spelling.
struct Setting {
  std::string_view name;
  std::vector<std::string> values;  // one, but for listeners
  Origin origin;
};

// A value that was given and is not used, as another source, which comes first, gives another one.
struct Overruled {
  std::string_view name;
  Origin given;
  Origin by;
};

// The configuration file that was read.
struct ConfigFile {
  std::string path;
  bool is_empty = false;  // nothing but white space
};

enum class Action { serve, healthcheck, print_config, check_config, version, help };

struct Invocation {
  Action action = Action::serve;
  bool verbose = false;  // with Action::version
  Config config;
  std::vector<Setting> settings;  // in the order of the options; empty for help, and version without verbose
  std::vector<Overruled> overruled;
  std::optional<ConfigFile> file;
};

// One line: "<what>: <why>; <remedy>". Every one of these is a mistake in the configuration: exit status 2.
struct ConfigError {
  std::string message;
};

using Environment = std::map<std::string, std::string>;

// How load() reads files; tests and the fuzz target put texts in their place. The error is "<why>; <remedy>".
struct Files {
  using Read = std::function<tl::expected<std::string, std::string>(const std::string& path)>;
  Read config;
  Read token;
};
// At a start the configuration may come from a pipe too; at a reload nobody would be there to write to it.
Files files_at_start();
Files files_at_reload();

// `arguments` are those after the program's name. Of `environment` only names that begin with PARLEY_ are looked
// at, and of those not at what Kubernetes and the program parley have; an empty one counts as not set. For
// Action::healthcheck only the admin endpoint's address is looked at, and nothing else judged.
tl::expected<Invocation, ConfigError> load(const std::vector<std::string>& arguments, const Environment& environment,
                                           const Files& files = files_at_start());

// The same for a reload, with the same arguments and environment. Refuses a configuration file that has become empty
// since `running` was read: it is cut short or about to be written, and without its settings a relay lets anybody in.
tl::expected<Invocation, ConfigError> load_again(const Invocation& running, const std::vector<std::string>& arguments,
                                                 const Environment& environment,
                                                 const Files& files = files_at_reload());

// The effective values and where each came from: a configuration file that gives the same configuration again.
// Shows the name of the token's file, never the token.
std::string print_config(const std::vector<Setting>& settings);

// --help, for a terminal 80 columns wide.
std::string help_text();

// What a reload changed, by option names.
struct ReloadDiff {
  std::vector<std::string> applied;        // take effect at once: limits, deadlines, the log level and some more
  std::vector<std::string> needs_restart;  // the running value stays
};
ReloadDiff compare(const Invocation& running, const Invocation& loaded);

// Takes over what a reload may change, values and origins. The rest of `running` stays, so that the next compare()
// names it again.
void adopt(Invocation& running, const Invocation& loaded);

}  // namespace parley::config

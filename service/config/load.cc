#include <algorithm>
#include <optional>

#include "base/edit_distance.h"
#include "base/toml.h"
#include "base/trim.h"
#include "service/config/command_line.h"
#include "service/config/config.h"
#include "service/config/config_source.h"
#include "service/config/one_line.h"
#include "service/config/options.h"
#include "service/config/token_file.h"

namespace parley::config {
namespace {

constexpr std::string_view kConfigVariable = "PARLEY_CONFIG";
constexpr std::string_view kDefaultsVariable = "PARLEY_DEFAULTS";

// What to do stands behind a path, which may have 4,096 bytes.
constexpr std::size_t kMostOfAMessage = 5000;

tl::unexpected<ConfigError> error(std::string message) {
  return tl::make_unexpected(ConfigError{one_line(message, kMostOfAMessage)});
}

const Option* find_option(std::string_view name) {
  const auto found =
      std::find_if(options().begin(), options().end(), [&](const Option& option) { return option.name == name; });
  return found == options().end() ? nullptr : &*found;
}

// What one source says about one option.
struct Given {
  std::vector<std::string> values;
  Origin origin;
};
using GivenByName = std::map<std::string_view, Given>;

std::string did_you_mean(const std::string& near) {
  return near.empty() ? "see parleyd --help" : "did you mean " + near + "?";
}

tl::expected<GivenByName, ConfigError> read_file(ConfigFile& file, const Origin& asked_by, const Files& files) {
  const std::string& path = file.path;
  const auto text = files.config(path);
  if (!text) return error(path + " (" + to_string(asked_by) + "): " + text.error());
  file.is_empty = trim(*text).empty();
  const auto entries = parse_toml(*text);
  if (!entries) {
    const TomlFault& fault = entries.error();
    return error(path + ":" + std::to_string(fault.line) + ": " + fault.why + "; " + fault.remedy);
  }
  GivenByName given;
  for (const TomlEntry& entry : *entries) {
    const Origin origin{Source::file, path, entry.line};
    const Option* option = find_option(entry.name);
    if (option == nullptr) {
      std::vector<std::string> known;
      for (const Option& one : options()) known.emplace_back(one.name);
      return error(to_string(origin) + ": " + entry.name + ": no such option; " +
                   did_you_mean(nearest(entry.name, known)));
    }
    if (entry.is_array && !option->repeatable)
      return error(to_string(origin) + ": " + entry.name + ": it takes one value; write it without [ ]");
    if (entry.values.empty())
      return error(to_string(origin) + ": " + entry.name + ": the list is empty; write \"none\"");
    given.emplace(option->name, Given{entry.values, origin});
  }
  return given;
}

// Kubernetes gives every pod variables about each Service of its namespace, and a Service may well be called
// "parley" or "parley-admin": PARLEY_SERVICE_HOST, PARLEY_SERVICE_PORT_CLASSIC, PARLEY_PORT=tcp://…,
// PARLEY_PORT_10000_TCP_ADDR. They are not meant for us.
bool is_service_link(std::string_view name, std::string_view value) {
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT") ||
      name.find("_SERVICE_PORT_") != std::string_view::npos)
    return true;
  if (name.ends_with("_PORT") && value.find("://") != std::string_view::npos) return true;
  const std::size_t port = name.find("_PORT_");
  if (port == std::string_view::npos) return false;
  std::string_view rest = name.substr(port + 6);
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  rest.remove_prefix(digits);
  return digits > 0 && (rest.starts_with("_TCP") || rest.starts_with("_UDP") || rest.starts_with("_SCTP"));
}

// parley's own, which may well be set for all programs of a machine or container.
bool is_clients(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "PARLEY_RELAY", "PARLEY_PIN",  "PARLEY_CA",      "PARLEY_ACCESS_TOKEN", "PARLEY_ACCESS_TOKEN_FILE",
      "PARLEY_NAME",  "PARLEY_INTO", "PARLEY_BELL",    "PARLEY_CLIENT_CERT",  "PARLEY_CLIENT_KEY",
      "PARLEY_QR",    "PARLEY_WAIT", "PARLEY_TIMEOUT", "PARLEY_LINGER"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

tl::expected<GivenByName, ConfigError> read_environment(const Environment& environment) {
  GivenByName given;
  for (auto at = environment.lower_bound(std::string(kEnvironmentPrefix)); at != environment.end(); ++at) {
    const auto& [name, value] = *at;
    if (!name.starts_with(kEnvironmentPrefix)) break;
    if (name == kConfigVariable || name == kDefaultsVariable) continue;
    const auto option = std::find_if(options().begin(), options().end(),
                                     [&](const Option& one) { return environment_name(one.name) == name; });
    if (option == options().end()) {
      if (is_service_link(name, value) || is_clients(name)) continue;
      std::vector<std::string> known{std::string(kConfigVariable), std::string(kDefaultsVariable)};
      for (const Option& one : options()) known.push_back(environment_name(one.name));
      return error("environment " + name + ": no such option; " + did_you_mean(nearest(name, known)));
    }
    if (!value.empty()) given.emplace(option->name, Given{{value}, Origin{Source::environment, name}});
  }
  return given;
}

// Later ones come before earlier ones. Returns those whose values are not used.
std::vector<Overruled> override_with(GivenByName& given, GivenByName stronger) {
  std::vector<Overruled> overruled;
  for (const auto& [name, its] : given) {
    const auto by = stronger.find(name);
    if (by != stronger.end() && by->second.values != its.values)
      overruled.push_back({name, its.origin, by->second.origin});
  }
  stronger.merge(given);
  given = std::move(stronger);
  return overruled;
}

// A file's path, and by whom it was named; nothing without a name. An empty variable is not set.
std::optional<std::pair<std::string, Origin>> named_by(const Environment& environment, std::string_view variable) {
  const auto found = environment.find(std::string(variable));
  if (found == environment.end() || found->second.empty()) return std::nullopt;
  return std::pair(found->second, Origin{Source::environment, found->first});
}

tl::expected<void, ConfigError> store(const GivenByName& given, Invocation& invocation) {
  for (const Option& option : options()) {
    const auto found = given.find(option.name);
    const Given value = found != given.end() ? found->second : Given{{std::string(option.standard)}, {}};
    auto spelled = option.store(value.values, invocation.config);
    if (!spelled) {
      std::string shown;
      for (const std::string& one : value.values) shown += (shown.empty() ? "" : ", ") + one;
      return error(std::string(option.name) + " \"" + shown.substr(0, 80) + "\" (" + to_string(value.origin) +
                   "): " + spelled.error().why + "; " + spelled.error().remedy);
    }
    invocation.settings.push_back({option.name, std::move(*spelled), value.origin});
  }
  return {};
}

tl::expected<void, ConfigError> check_listeners(const Config& config) {
  const std::pair<std::string_view, const std::vector<Endpoint>&> listeners[] = {
      {"classic-listen", config.service.classic_listen},
      {"relay-listen", config.service.relay_listen},
      {"admin-listen", config.admin.listen},
  };
  for (const auto& [name, endpoints] : listeners) {
    for (const auto& [earlier, others] : listeners) {
      if (earlier == name) break;
      for (const Endpoint& endpoint : endpoints) {
        if (endpoint.port == 0 || std::find(others.begin(), others.end(), endpoint) == others.end()) continue;
        return error(std::string(name) + ": " + to_string(endpoint) + " is " + std::string(earlier) +
                     "'s too; give each a port of its own");
      }
    }
  }
  return {};
}

tl::expected<void, ConfigError> check_admin(const AdminSettings& admin) {
  if (admin.certificate.empty() != admin.key.empty()) {
    return error(std::string(admin.key.empty() ? "admin-cert: there is no key; give --admin-key with"
                                               : "admin-key: there is no certificate; give --admin-cert with") +
                 " its file too");
  }
  if (admin.certificate.empty() && !admin.client_ca.empty())
    return error("admin-client-ca: it has no effect without TLS; give --admin-cert and --admin-key too");
  return {};
}

// Without a certificate relay/1 is off, unless it was asked for.
tl::expected<void, ConfigError> check_relay(Invocation& invocation) {
  RelaySettings& relay = invocation.config.service.relay;
  if (relay.certificate.empty() != relay.key.empty()) {
    return error(std::string(relay.key.empty() ? "cert: there is no key; give --key with"
                                               : "key: there is no cert; give --cert with") +
                 " its file too");
  }
  if (!relay.self_signed.empty() && !relay.certificate.empty())
    return error("self-signed: there is a cert too; give either --cert and --key, or --self-signed");
  if ((relay.access == RelayAccess::token) != !relay.access_file.empty()) {
    return error(relay.access_file.empty() ? "access: token needs a list of tokens; give --access-file"
                                           : "access-file: it has no effect while access is open; give --access token");
  }
  ServiceSettings& service = invocation.config.service;
  if (!relay.pin_file.empty() &&
      (service.relay_listen.empty() || (relay.self_signed.empty() && relay.certificate.empty())))
    return error("pin-file: it has no effect while relay/1 is off; give --cert and --key, or --self-signed DIR");
  if (service.relay_listen.empty() || !relay.self_signed.empty() || !relay.certificate.empty()) return {};
  const auto setting = std::find_if(invocation.settings.begin(), invocation.settings.end(),
                                    [](const Setting& one) { return one.name == "relay-listen"; });
  const Option& option = *find_option("relay-listen");
  if (setting->values != std::vector<std::string>{std::string(option.standard)}) {
    return error("relay-listen (" + to_string(setting->origin) +
                 "): there is no certificate; give --cert and --key, or --self-signed DIR");
  }
  service.relay_listen.clear();
  service.relay_without_certificate = true;
  return {};
}

// After check_relay().
tl::expected<void, ConfigError> check_reachable(const ServiceSettings& service) {
  if (!service.classic_listen.empty() || !service.relay_listen.empty()) return {};
  if (service.relay_without_certificate)
    return error(
        "classic-listen: it is none, and relay/1 is off, so that no client could connect; give relay/1 a "
        "certificate by --cert and --key, or --self-signed DIR, or classic-listen an address");
  return error("classic-listen, relay-listen: both are none, so that no client could connect; give one an address");
}

tl::expected<void, ConfigError> read_token(Invocation& invocation, const Files& files) {
  const auto setting = std::find_if(invocation.settings.begin(), invocation.settings.end(),
                                    [](const Setting& one) { return one.name == kTokenFile; });
  const std::string& path = setting->values.front();
  if (path == "none") return {};
  auto token = files.token(path);
  if (!token)
    return error(std::string(kTokenFile) + " \"" + path + "\" (" + to_string(setting->origin) + "): " + token.error());
  invocation.config.admin.token = std::move(*token);
  return {};
}

constexpr std::string_view kAdminListen = "admin-listen";

// One setting of a file, whatever else is wrong with the file by now; a line at a time if need be.
std::optional<std::vector<std::string>> setting_in(const std::string& text, std::string_view name) {
  const auto find = [name](const auto& entries) -> std::optional<std::vector<std::string>> {
    if (!entries) return std::nullopt;
    for (const TomlEntry& entry : *entries) {
      if (entry.name == name) return entry.values;
    }
    return std::nullopt;
  };
  if (const auto entries = parse_toml(text)) return find(entries);
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (auto found = find(parse_toml(line))) return found;
  }
  return std::nullopt;
}

// All that who asks a relay needs is where to ask, by what certificate, and by what token. What else is configured may
// be wrong by now without the relay that runs having taken it, and is not looked at.
// `paths` are those of configuration files, the weaker first.
tl::expected<Invocation, ConfigError> load_address(CommandLine& line, const Environment& environment,
                                                   const std::vector<std::string>& paths, const Files& files) {
  Invocation invocation;
  invocation.action = line.action;
  std::vector<std::pair<std::string, std::string>> texts;  // with their paths
  for (const std::string& path : paths) {
    if (auto text = files.config(path)) texts.emplace_back(path, std::move(*text));
  }
  for (const std::string_view name :
       {kAdminListen, std::string_view("admin-cert"), std::string_view("admin-key"), std::string_view(kTokenFile)}) {
    const Option& option = *find_option(name);
    Given given{{std::string(option.standard)}, {}};
    for (const auto& [path, text] : texts) {
      const auto found = setting_in(text, name);
      if (found && option.store(*found, invocation.config)) given = {*found, Origin{Source::file, path}};
    }
    const auto variable = environment.find(environment_name(name));
    if (variable != environment.end() && !variable->second.empty())
      given = {{variable->second}, Origin{Source::environment, variable->first}};
    if (const auto told = line.values.find(name); told != line.values.end())
      given = {std::move(told->second), Origin{Source::command_line, "--" + std::string(name)}};
    auto spelled = option.store(given.values, invocation.config);
    if (!spelled)
      return error(std::string(name) + " (" + to_string(given.origin) + "): " + spelled.error().why + "; " +
                   spelled.error().remedy);
    invocation.settings.push_back({name, std::move(*spelled), given.origin});
  }
  return invocation;
}

}  // namespace

Files files_at_start() { return {read_config_at_start, read_token_file}; }

Files files_at_reload() { return {read_config_again, read_token_file}; }

tl::expected<Invocation, ConfigError> load(const std::vector<std::string>& arguments, const Environment& environment,
                                           const Files& files) {
  auto line = parse_command_line(arguments);
  if (!line) return tl::make_unexpected(std::move(line.error()));
  Invocation invocation;
  invocation.action = line->action;
  invocation.verbose = line->verbose;
  // With --verbose a version tells what the options have found.
  if (line->action == Action::help || (line->action == Action::version && !line->verbose)) return invocation;

  const auto defaults = named_by(environment, kDefaultsVariable);
  auto file = named_by(environment, kConfigVariable);
  if (line->config_file) file = {*line->config_file, Origin{Source::command_line, "--config"}};
  if (line->action == Action::healthcheck) {
    std::vector<std::string> paths;
    for (const auto& one : {defaults, file}) {
      if (one) paths.push_back(one->first);
    }
    return load_address(*line, environment, paths, files);
  }
  GivenByName given, otherwise;
  if (defaults) {
    ConfigFile read{defaults->first};
    auto from_defaults = read_file(read, defaults->second, files);
    if (!from_defaults) return tl::make_unexpected(std::move(from_defaults.error()));
    otherwise = std::move(*from_defaults);
  }
  if (file) {
    invocation.file = ConfigFile{file->first};
    auto from_file = read_file(*invocation.file, file->second, files);
    if (!from_file) return tl::make_unexpected(std::move(from_file.error()));
    given = std::move(*from_file);
  }
  auto from_environment = read_environment(environment);
  if (!from_environment) return tl::make_unexpected(std::move(from_environment.error()));
  invocation.overruled = override_with(given, std::move(*from_environment));
  GivenByName from_line;
  for (auto& [name, values] : line->values)
    from_line.emplace(name, Given{std::move(values), {Source::command_line, "--" + std::string(name)}});
  for (Overruled& one : override_with(given, std::move(from_line))) invocation.overruled.push_back(std::move(one));
  given.merge(otherwise);  // what nothing else gives

  if (const auto stored = store(given, invocation); !stored) return tl::make_unexpected(stored.error());
  if (line->action == Action::version) return invocation;
  if (const auto checked = check_listeners(invocation.config); !checked) return tl::make_unexpected(checked.error());
  if (const auto checked = check_relay(invocation).and_then([&] { return check_reachable(invocation.config.service); });
      !checked)
    return tl::make_unexpected(checked.error());
  if (const auto checked = check_admin(invocation.config.admin); !checked) return tl::make_unexpected(checked.error());
  if (const auto token = read_token(invocation, files); !token) return tl::make_unexpected(token.error());
  return invocation;
}

tl::expected<Invocation, ConfigError> load_again(const Invocation& running, const std::vector<std::string>& arguments,
                                                 const Environment& environment, const Files& files) {
  auto loaded = load(arguments, environment, files);
  if (loaded && loaded->file && loaded->file->is_empty && !(running.file && running.file->is_empty))
    return error(loaded->file->path +
                 ": it has become empty; write the settings, or a comment if there are to be none");
  return loaded;
}

}  // namespace parley::config

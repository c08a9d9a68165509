#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "cli-client/net/endpoint.h"
#include "cli-client/settings/table.h"

namespace parley::client {

// What a user has set for good. An option outranks a variable, and that a line of the file; what an invite says of its
// relay outranks both.
class Settings {
 public:
  struct Value {
    std::string text;
    std::string origin;  // for the user: "PARLEY_BELL", or "/c/parley/config.toml, line 3"
  };
  using Environment = std::function<const char*(const char* name)>;  // getenv(3)

  // Nothing is set.
  Settings() = default;
  // `text` is that of the file `path`. Of the file everything is looked at, of the environment nothing before it is
  // used, as it may be meant for another command. The error is a line for the user.
  static tl::expected<Settings, std::string> read(std::string_view text, const std::string& path,
                                                  const Environment& environment);

  // The names are those of settings_table(). A path that begins with ~/ is below HOME. An empty variable is not set.
  std::optional<Value> in_environment(std::string_view name) const { return find_in(environment_, name); }
  std::optional<Value> in_file(std::string_view name) const { return find_in(file_, name); }
  // In the first of these that has it; of what belongs to a relay only "relay" itself is to be asked for so.
  std::optional<Value> find(std::string_view name) const;
  // What belongs to a relay, for this one.
  std::optional<Value> find_for(const Endpoint& relay, std::string_view name) const;

  // Whether it is the relay of the file, or of the environment.
  bool file_names(const Endpoint& relay) const;
  bool environment_names(const Endpoint& relay) const;

 private:
  using Values = std::map<std::string, Value, std::less<>>;
  static std::optional<Value> find_in(const Values& values, std::string_view name);

  Values environment_;
  Values file_;
};

}  // namespace parley::client

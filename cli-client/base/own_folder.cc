#include "cli-client/base/own_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace parley::client {
namespace {

std::string value_of(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string folder(const char* name, std::string_view below_home) {
  // A relative one is to be ignored, says the specification.
  std::string base = value_of(name);
  if (!base.starts_with('/')) {
    base = value_of("HOME");
    if (base.empty()) return "";
    while (base.ends_with('/')) base.pop_back();  // it is "/" in many a container
    base += below_home;
  }
  while (base.ends_with('/')) base.pop_back();
  return base + "/parley";
}

}  // namespace

std::string config_folder() { return folder("XDG_CONFIG_HOME", "/.config"); }

std::string state_folder() { return folder("XDG_STATE_HOME", "/.local/state"); }

std::error_code make_own_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
  if (error) return error;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return {errno, std::generic_category()};
  return {};
}

}  // namespace parley::client

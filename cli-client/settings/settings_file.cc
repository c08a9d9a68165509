#include "cli-client/settings/settings_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/errno_text.h"
#include "base/locked_file.h"
#include "base/regular_file.h"
#include "base/toml.h"
#include "base/whole_file.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/own_folder.h"
#include "cli-client/base/say.h"

namespace parley::client {
namespace {

// For another program's change.
constexpr std::chrono::seconds kLockWithin{5};

const char* variable(const char* name) { return std::getenv(name); }

// Empty when there is none.
tl::expected<std::string, ReadFault> read_file(const std::string& path) {
  if (path.empty()) return std::string();
  auto text = read_regular_file(path, {.most_bytes = kMostTomlBytes, .null_device = true});
  if (text) return text;
  const auto& error = text.error().error;
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return std::string();
  return text;
}

std::string cannot_read(const std::string& path, const ReadFault& fault) {
  return "cannot read " + escape(path) + ": " + fault.why;
}

// With the mode of the old one.
int replace_file(const std::string& path, std::string_view text) {
  struct stat before{};
  const mode_t mode = ::stat(path.c_str(), &before) == 0 ? before.st_mode & 07777 : S_IRUSR | S_IWUSR;
  return write_whole_file(path, text, mode, IfThere::is_replaced);
}

}  // namespace

std::string settings_path() {
  const std::string folder = config_folder();
  return folder.empty() ? "" : folder + "/config.toml";
}

tl::expected<Settings, std::string> load_settings() {
  const std::string path = settings_path();
  auto text = read_file(path);
  if (!text && text.error().error == std::errc::permission_denied) {
    // As under sudo or su, which may leave HOME to be another's.
    say(cannot_read(path, text.error()) + "; nothing is taken from it");
    text = std::string();
  }
  if (!text) return tl::unexpected(cannot_read(path, text.error()));
  return Settings::read(*text, path, variable);
}

std::string with_setting(std::string text, std::string_view name, const std::optional<std::string>& value) {
  const auto entries = parse_toml(text).value();
  const auto entry = std::ranges::find(entries, name, &TomlEntry::name);
  if (entry != entries.end() && value) return text.replace(entry->value_at, entry->value_bytes, toml_value(*value));
  if (entry != entries.end()) {
    const std::size_t before = text.rfind('\n', entry->value_at);
    const std::size_t begin = before == text.npos ? 0 : before + 1;
    const std::size_t end = text.find('\n', entry->value_at + entry->value_bytes);
    return text.erase(begin, end == text.npos ? text.npos : end + 1 - begin);
  }
  if (!value) return text;
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text.append(name) + " = " + toml_value(*value) + "\n";
}

tl::expected<void, std::string> change_settings_file(std::string_view name, const std::optional<std::string>& value) {
  std::string path = settings_path();
  if (path.empty()) return tl::unexpected(std::string("there is no home folder for a configuration file; set HOME"));
  const auto cannot_write = [&path](int error) {
    return tl::unexpected("cannot write " + escape(path) + ": " + errno_text(error));
  };
  if (const auto error = make_own_folder(config_folder())) return cannot_write(error.value());
  const auto lock = lock_folder(config_folder().c_str(), kLockWithin, WithoutLocks::go_on);
  if (!lock) return cannot_write(lock.error());
  // A link to where somebody keeps such files stays one.
  std::error_code none;
  if (const auto target = std::filesystem::canonical(path, none); !none) path = target;
  const auto text = read_file(path);
  if (!text) return tl::unexpected(cannot_read(path, text.error()));
  if (const auto readable = Settings::read(*text, path, variable); !readable) return tl::unexpected(readable.error());
  const std::string changed = with_setting(*text, name, value);
  if (auto readable = Settings::read(changed, path, variable); !readable) {
    return tl::unexpected("not done, as then " + readable.error());
  }
  if (const int error = replace_file(path, changed)) return cannot_write(error);
  return {};
}

}  // namespace parley::client

#include "parleyd/running_relay.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace parley {

namespace {

constexpr std::string_view kName = "parleyd";

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Each ends with a NUL.
std::vector<std::string> strings(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

bool is_ours(const std::filesystem::path& process) {
  struct stat found{};
  return ::stat(process.c_str(), &found) == 0 && found.st_uid == ::geteuid();
}

// Not one that only asks, or says something of itself.
bool serves(const std::vector<std::string>& arguments) {
  constexpr std::string_view kOthers[] = {"ctl",       "healthcheck",    "--help",
                                          "--version", "--check-config", "--print-config"};
  return std::ranges::none_of(
      arguments, [&](const std::string& word) { return std::ranges::find(kOthers, word) != std::end(kOthers); });
}

std::optional<StartedAs> relay_in(const std::filesystem::path& process) {
  if (!is_ours(process) || content(process / "comm") != std::string(kName) + "\n") return std::nullopt;
  std::error_code unknown;
  StartedAs started{strings(content(process / "cmdline")), {}, std::filesystem::read_symlink(process / "cwd", unknown)};
  if (started.arguments.empty()) return std::nullopt;  // it has ended
  started.arguments.erase(started.arguments.begin());
  if (!serves(started.arguments)) return std::nullopt;
  for (const std::string& variable : strings(content(process / "environ"))) {
    if (const std::size_t equals = variable.find('='); equals != variable.npos)
      started.environment.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return started;
}

}  // namespace

std::optional<StartedAs> running_relay(const std::filesystem::path& proc) {
  std::optional<StartedAs> only;
  std::error_code error;
  for (std::filesystem::directory_iterator at(proc, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    auto found = relay_in(at->path());
    if (found && only) return std::nullopt;
    if (found) only = std::move(found);
  }
  return only;
}

void take_from_running_relay(std::vector<std::string>& arguments, config::Environment& environment,
                             const std::filesystem::path& proc) {
  auto running = running_relay(proc);
  if (!running) return;
  for (const char* name : {"PARLEY_CONFIG", "PARLEY_ADMIN_LISTEN", "PARLEY_ADMIN_CERT", "PARLEY_ADMIN_KEY"}) {
    const auto ours = environment.find(name), theirs = running->environment.find(name);
    if (ours == environment.end()) continue;
    if (theirs == running->environment.end() || ours->second != theirs->second) return;
  }
  arguments = std::move(running->arguments);
  environment.merge(running->environment);
  std::error_code ignored;
  if (!running->directory.empty()) std::filesystem::current_path(running->directory, ignored);
}

}  // namespace parley

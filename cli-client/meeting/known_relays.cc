#include "cli-client/meeting/known_relays.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/errno_text.h"
#include "base/regular_file.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/own_folder.h"
#include "cli-client/base/say.h"

namespace parley::client {
namespace {

struct KnownRelay {
  Endpoint relay;
  Pin pin;
  unsigned line;
};

std::vector<KnownRelay> read_known_relays(const std::string& path) {
  const auto text = read_regular_file(path);
  if (!text) {
    const bool none =
        text.error().error == std::errc::no_such_file_or_directory || text.error().error == std::errc::not_a_directory;
    if (!none) say("cannot read " + escape(path) + ": " + text.error().why + "; no relay is remembered");
    return {};
  }
  std::istringstream file(*text);
  std::vector<KnownRelay> known;
  std::string line;
  for (unsigned number = 1; std::getline(file, line); ++number) {
    std::istringstream words(line);
    std::string where;
    std::string pin_word;
    std::string more;
    if (!(words >> where) || where.starts_with('#')) continue;
    const auto pin = words >> pin_word && pin_word.starts_with("sha256:") ? parse_pin(pin_word) : std::nullopt;
    if (!pin || words >> more) {
      say(escape(path) + ", line " + std::to_string(number) + ", is not HOST:PORT sha256:PIN; it is left out");
    } else if (auto relay = parse_endpoint(where, 0)) {
      known.push_back({std::move(*relay), *pin, number});
    }
  }
  return known;
}

}  // namespace

std::string known_relays_path() {
  const std::string folder = config_folder();
  return folder.empty() ? "" : folder + "/known_relays";
}

std::optional<Trust::Remembered> find_known_relay(const Endpoint& relay) {
  const std::string path = known_relays_path();
  for (const KnownRelay& known : read_known_relays(path)) {
    if (known.relay.text() == relay.text()) return Trust::Remembered{known.pin, escape(path), known.line};
  }
  return std::nullopt;
}

std::vector<Endpoint> known_relays() {
  std::vector<Endpoint> relays;
  for (KnownRelay& known : read_known_relays(known_relays_path())) relays.push_back(std::move(known.relay));
  return relays;
}

std::optional<std::string> remember_relay(const Endpoint& relay, const Pin& pin) {
  const std::string path = known_relays_path();
  if (path.empty()) return "there is no home folder to remember relays in";
  const auto failed = [&path](int error) { return "cannot write " + escape(path) + ": " + errno_text(error); };
  if (const auto error = make_own_folder(config_folder())) return failed(error.value());
  const Descriptor file(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return failed(errno);
  std::string line = relay.text() + " " + pin_text(pin) + "\n";
  struct stat status{};
  char last = '\n';
  // The line before may have no end, when somebody has edited the file.
  if (::fstat(file.get(), &status) != 0 ||
      (status.st_size > 0 && ::pread(file.get(), &last, 1, status.st_size - 1) != 1)) {
    return failed(errno);
  }
  if (last != '\n') line.insert(0, "\n");
  const ssize_t written = ::write(file.get(), line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) return failed(written < 0 ? errno : ENOSPC);
  return std::nullopt;
}

}  // namespace parley::client

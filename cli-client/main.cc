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
#include <string>
#include <string_view>
#include <vector>

#include "classic/public_key.h"
#include "classic_command.h"
#include "duration.h"
#include "exit_status.h"
#include "suggestion.h"

namespace parley::client {
namespace {

constexpr const char* kExamples =
    R"(Examples:
  parley classic relay.example.org           chat with whoever comes next
  parley classic localhost:10000 --turns     take strict turns, as the original client
  echo hi | parley classic localhost         say one line, print what comes back
  parley classic localhost </dev/null        only listen
Exit status: 0 done, 1 failed, 2 usage, 3 could not connect, 4 refused by the
relay, 130 interrupted. More: man parley)";

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

// CLI11 wants "" for what is fine, else what is wrong.
const CLI::Validator kTime(
    [](std::string& text) {
      const auto duration = parse_duration(text);
      return duration ? std::string() : duration.error();
    },
    "");

std::optional<std::chrono::milliseconds> time_of(const std::string& text) { return parse_duration(text).value(); }

// A limit on waiting: 0 switches it off, as none does.
std::optional<std::chrono::milliseconds> limit_of(const std::string& text) {
  const auto time = time_of(text);
  return time && time->count() == 0 ? std::nullopt : time;
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
  app.footer(kExamples);
  app.require_subcommand(1);

  std::string relay;
  std::string timeout = "10s";
  std::string linger = "2s";
  std::string wait = "none";
  ClassicOptions options;
  CLI::App* classic = app.add_subcommand("classic",
                                         "Chat over the classic protocol: lines of text, encrypted with RSA\n"
                                         "between each client and the relay, which can read them.");
  classic->footer(kExamples);
  classic->add_option("relay", relay, "Where the relay is; the port is 10000 unless given. IPv6: [::1]:10000")
      ->required()
      ->type_name("HOST[:PORT]");
  classic->add_option("--key-bits", options.key_bits, "Length of our own key, 512 (as the original) to 8192")
      ->check(CLI::Range(classic::kMinKeyBits, classic::kMaxKeyBits))
      ->type_name("BITS")
      ->capture_default_str();
  classic->add_flag("--turns", options.turns, "Send a line, wait for a message, and so on, as the original client");
  classic->add_option("--timeout", timeout, "For connecting, and then for the relay's key")
      ->check(kTime)
      ->type_name("TIME")
      ->capture_default_str();
  classic
      ->add_option("--linger", linger,
                   "After piped input: leave this long after the last message. 0: at once, which\n"
                   "loses the text when the other side is not there yet. none: stay until it leaves")
      ->check(kTime)
      ->type_name("TIME")
      ->capture_default_str();
  classic->add_option("--wait", wait, "After piped input: how long to wait for a first message from the other side")
      ->check(kTime)
      ->type_name("TIME")
      ->capture_default_str();
  classic->add_flag("--raw", options.raw, "Print messages unchanged, control characters too (never on a terminal)");

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

  const auto endpoint = parse_endpoint(relay, kClassicPort);
  if (!endpoint) {
    std::fprintf(stderr, "parley: bad relay \"%s\": %s; write HOST, HOST:PORT or [IPV6]:PORT\n", relay.c_str(),
                 endpoint.error().c_str());
    return static_cast<int>(ExitStatus::usage);
  }
  options.relay = *endpoint;
  options.timeout = limit_of(timeout);
  options.linger = time_of(linger);
  options.wait = limit_of(wait);
  return run_classic(options);
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

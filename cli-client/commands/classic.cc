#include "cli-client/commands/commands.h"

#include <memory>
#include <string>
#include <string_view>

#include "cli-client/base/exit_status.h"
#include "cli-client/base/say.h"
#include "cli-client/base/time_option.h"
#include "cli-client/classic/run.h"
#include "cli-client/commands/one_of.h"
#include "cli-client/commands/shared_options.h"
#include "cli-client/meeting/relay_options.h"
#include "cli-client/settings/relay_text.h"
#include "protocol/classic/public_key.h"

namespace parley::client {
namespace {

constexpr const char* kExamples =
    R"(Examples:
  parley classic relay.example.org           chat with whoever comes next
  parley classic localhost:10000 --turns     in turns, as the original client
  echo hi | parley classic localhost         say one line, print what comes back
  parley classic localhost </dev/null        only listen)";

constexpr std::string_view kPaceWords[] = {"auto", "always", "never"};  // by their values

struct ClassicArguments {
  std::string relay;
  std::string timeout = "10s";
  std::string linger = "2s";
  std::string wait = "none";
  std::string pace = "auto";
  ClassicOptions options;
};

int run_with(ClassicArguments arguments) {
  const auto endpoint = read_relay_text(arguments.relay, kClassicPort);
  if (!endpoint) {
    say(endpoint.error());
    return static_cast<int>(ExitStatus::usage);
  }
  arguments.options.relay = *endpoint;
  arguments.options.timeout = parse_limit(arguments.timeout);
  arguments.options.linger = parse_time(arguments.linger).value();
  arguments.options.wait = parse_limit(arguments.wait);
  arguments.options.pace = Pace{static_cast<int>(find_word(kPaceWords, arguments.pace).value())};
  return run_classic(arguments.options);
}

}  // namespace

void add_classic_command(CLI::App& app, std::function<int()>& run) {
  CLI::App* classic = app.add_subcommand("classic",
                                         "Chat over the classic protocol: lines of text, encrypted with RSA\n"
                                         "between each client and the relay, which can read them.");
  const auto arguments = std::make_shared<ClassicArguments>();
  ClassicOptions& options = arguments->options;
  classic->footer(kExamples);
  classic
      ->add_option("relay", arguments->relay, "Where the relay is; the port is 10000 unless given. IPv6: [::1]:10000")
      ->required()
      ->type_name("HOST[:PORT]");
  classic->add_option("--key-bits", options.key_bits, "Length of our own key, 512 (as the original) to 8192")
      ->check(CLI::Range(classic::kMinKeyBits, classic::kMaxKeyBits))
      ->type_name("BITS")
      ->capture_default_str();
  classic->add_flag("--turns", options.turns, "Send a line, wait for a message, and so on, as the original client");
  classic
      ->add_option("--pace", arguments->pace,
                   "Whether the relay is given one thing at a time, as the original needs it: auto\n"
                   "leaves a pause behind the key, and waits for a message between two of ours if the\n"
                   "relay's key is below 2048 bits")
      ->check(one_of(kPaceWords))
      ->type_name("WHEN")
      ->capture_default_str();
  classic->add_option("--timeout", arguments->timeout, "For connecting, until the relay's key is there")
      ->check(kTimeCheck)
      ->type_name("TIME")
      ->capture_default_str();
  classic
      ->add_option("--linger", arguments->linger,
                   "After piped input: leave this long after the last message. 0: at once, which\n"
                   "loses the text when the other side is not there yet. none: stay until it leaves")
      ->check(kTimeCheck)
      ->type_name("TIME")
      ->capture_default_str();
  classic
      ->add_option("--wait", arguments->wait,
                   "After piped input: how long to wait for a first message from the other side")
      ->check(kTimeCheck)
      ->type_name("TIME")
      ->capture_default_str();
  classic->add_flag("--raw", options.raw, "Print messages unchanged, control characters too (never on a terminal)");
  classic->callback([arguments, &run] { run = [arguments] { return run_with(*arguments); }; });
}

}  // namespace parley::client

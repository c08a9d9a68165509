#include "cli-client/meeting/relay_options.h"

#include <cstdlib>

#include "cli-client/base/time_option.h"
#include "cli-client/meeting/known_relays.h"

namespace parley::client {

const CLI::Validator kTimeCheck(
    [](std::string& text) {
      const auto duration = parse_time(text);
      return duration ? std::string() : duration.error();
    },
    "");

std::chrono::milliseconds RelayOptions::connect_limit() const {
  return parse_limit(timeout).value_or(std::chrono::hours(1));
}

void add_relay_options(CLI::App& command, RelayOptions& options) {
  command
      .add_option("--ca", options.ca,
                  "Certificates of the authorities to trust, in place of the system's and of\n"
                  "known_relays; or PARLEY_CA")
      ->type_name("FILE");
  command
      .add_option("--pin", options.pin,
                  "The relay's key, in place of an authority: sha256:...; or PARLEY_PIN, unless an\n"
                  "invite has a pin")
      ->type_name("PIN");
  command
      .add_option("--access-file", options.access_file,
                  "Where the access token is that the relay asks for; or the\n"
                  "token in PARLEY_ACCESS_TOKEN")
      ->type_name("FILE");
  command
      .add_option("--client-cert", options.client_cert,
                  "The certificate to show a relay that asks for one, with its chain")
      ->type_name("FILE")
      ->envname("PARLEY_CLIENT_CERT");
  command.add_option("--client-key", options.client_key, "The private key of --client-cert")
      ->type_name("FILE")
      ->envname("PARLEY_CLIENT_KEY");
  command.add_option("--timeout", options.timeout, "For one attempt to connect")
      ->check(kTimeCheck)
      ->type_name("TIME")
      ->capture_default_str();
}

std::string or_environment(const std::string& given, const char* name) {
  const char* const value = given.empty() ? std::getenv(name) : nullptr;
  return value != nullptr ? value : given;
}

tl::expected<Endpoint, Refusal> read_relay(const std::string& text) {
  if (text.starts_with("parley://")) return tl::unexpected(usage("that is an invite; give the host that it names"));
  auto endpoint = parse_endpoint(text, kRelayPort);
  if (endpoint) return *endpoint;
  return tl::unexpected(
      usage("bad relay \"" + text + "\": " + endpoint.error() + "; write HOST, HOST:PORT or [IPV6]:PORT"));
}

tl::expected<Pin, Refusal> read_pin(const std::string& text) {
  const auto pin = parse_pin(text);
  if (pin) return *pin;
  return tl::unexpected(usage("bad pin: it is sha256: and 43 letters, digits, - or _"));
}

tl::expected<Trust, Refusal> make_trust(const RelayOptions& options, const Endpoint& relay,
                                        const std::optional<Pin>& of_invite) {
  std::optional<Pin> pin = of_invite;
  // What the environment says is for when nothing else does: an invite knows its relay better, and who names
  // authorities wants these.
  const std::string given = pin || !options.ca.empty() ? options.pin : or_environment(options.pin, "PARLEY_PIN");
  if (!given.empty()) {
    const auto read = read_pin(given);
    if (!read) return tl::unexpected(read.error());
    pin = *read;
  }
  if (options.client_cert.empty() != options.client_key.empty())
    return tl::unexpected(usage("--client-cert and --client-key go together: give both or neither"));
  const std::string ca = or_environment(options.ca, "PARLEY_CA");
  auto trust = Trust::make(ca, pin, {options.client_cert, options.client_key});
  if (!trust) return tl::unexpected(usage(trust.error()));
  if (!pin && ca.empty()) trust->remember(find_known_relay(relay));
  return std::move(*trust);
}

}  // namespace parley::client

#include "cli-client/meeting/relay_options.h"

#include <utility>

#include "cli-client/base/time_option.h"
#include "cli-client/meeting/known_relays.h"
#include "cli-client/settings/relay_text.h"

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
                  "Certificates of the authorities to trust, in place of the system's and of known_relays")
      ->type_name("FILE")
      ->group(kTrustGroup);
  command
      .add_option("--pin", options.pin,
                  "The relay's key, in place of an authority: sha256:...; or PARLEY_PIN, unless an invite has a pin")
      ->type_name("PIN")
      ->group(kTrustGroup);
  command
      .add_option(
          "--access-file", options.access_file,
          "Where the access token is that the relay asks for; or the token in PARLEY_ACCESS_TOKEN, or the file's "
          "name in PARLEY_ACCESS_TOKEN_FILE")
      ->type_name("FILE")
      ->group(kTrustGroup);
  command
      .add_option("--client-cert", options.client_cert,
                  "The certificate to show a relay that asks for one, with its chain")
      ->type_name("FILE")
      ->group(kTrustGroup);
  command.add_option("--client-key", options.client_key, "The private key of --client-cert")
      ->type_name("FILE")
      ->group(kTrustGroup);
  command.add_option("--timeout", options.timeout, "For one attempt to connect")
      ->check(kTimeCheck)
      ->type_name("TIME")
      ->capture_default_str()
      ->group(kWhereGroup);
}

std::string or_set(const std::string& given, const Settings& settings, std::string_view name) {
  const auto value = given.empty() ? settings.find(name) : std::nullopt;
  return value ? value->text : given;
}

tl::expected<Endpoint, Refusal> read_relay(const std::string& text) {
  return read_relay_text(text).map_error([](std::string&& why) { return usage(std::move(why)); });
}

tl::expected<Pin, Refusal> read_pin(const std::string& text) {
  const auto pin = parse_pin(text);
  if (pin) return *pin;
  return tl::unexpected(usage("bad pin: it is sha256: and 43 letters, digits, - or _"));
}

tl::expected<Trust, Refusal> make_trust(const RelayOptions& options, const Settings& settings, const Endpoint& relay,
                                        const std::optional<Pin>& of_invite) {
  const auto text = [](const std::optional<Settings::Value>& value) { return value ? value->text : std::string(); };
  std::string given_pin = options.pin;
  std::string ca = options.ca;
  std::string origin;
  // What was set for good is for when nothing else decides: an invite knows its relay better, and who names authorities
  // wants these.
  if (given_pin.empty() && ca.empty() && !of_invite) {
    auto set_pin = settings.in_environment("pin");
    auto set_ca = settings.in_environment("ca");
    if (!set_pin && !set_ca && settings.file_names(relay)) {
      set_pin = settings.in_file("pin");
      set_ca = settings.in_file("ca");
    }
    given_pin = text(set_pin);
    ca = text(set_ca);
    if (set_pin) origin = set_pin->origin;
  }
  std::optional<Pin> pin = of_invite;
  if (!given_pin.empty()) {
    const auto read = read_pin(given_pin);
    if (!read) return tl::unexpected(read.error());
    pin = *read;
  }
  ClientCertificate own{options.client_cert, options.client_key};
  if (own.certificate.empty()) own.certificate = text(settings.find_for(relay, "client-cert"));
  if (own.key.empty()) own.key = text(settings.find_for(relay, "client-key"));
  if (own.certificate.empty() != own.key.empty())
    return tl::unexpected(usage("--client-cert and --client-key go together: give both or neither"));
  auto trust = Trust::make(ca, pin, std::move(own));
  if (!trust) return tl::unexpected(usage(trust.error()));
  trust->set_pin_origin(std::move(origin));
  if (!pin && ca.empty()) trust->remember(find_known_relay(relay));
  return std::move(*trust);
}

}  // namespace parley::client

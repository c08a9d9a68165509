#include "cli-client/meeting/relay_options.h"

#include <utility>

#include "base/regular_file.h"
#include "base/trim.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/time_option.h"
#include "cli-client/meeting/known_relays.h"
#include "cli-client/settings/relay_text.h"

namespace parley::client {

namespace {

constexpr std::size_t kMostPinFileBytes = 1024;

}  // namespace

std::chrono::milliseconds RelayOptions::connect_limit() const {
  return parse_limit(timeout).value_or(std::chrono::hours(1));
}

std::string or_set(const std::string& given, const Settings& settings, std::string_view name) {
  const auto value = given.empty() ? settings.find(name) : std::nullopt;
  return value ? value->text : given;
}

tl::expected<Endpoint, Refusal> read_relay(const std::string& text) {
  return read_relay_text(text).map_error([](std::string&& why) { return usage(std::move(why)); });
}

tl::expected<Pin, Refusal> read_pin(const std::string& text) {
  if (const auto pin = parse_pin(text)) return *pin;
  if (!is_pin_file(text)) return tl::unexpected(usage(std::string(kBadPin)));
  const auto held = read_regular_file(text, {.most_bytes = kMostPinFileBytes});
  if (!held) return tl::unexpected(usage("cannot read the pin in " + escape(text) + ": " + held.error().why));
  if (const auto pin = parse_pin(trim(*held))) return *pin;
  return tl::unexpected(usage(escape(text) + ": " + std::string(kBadPin)));
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

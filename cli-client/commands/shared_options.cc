#include "cli-client/commands/shared_options.h"

#include <string>

#include "cli-client/base/time_option.h"

namespace parley::client {

const CLI::Validator kTimeCheck(
    [](std::string& text) {
      const auto duration = parse_time(text);
      return duration ? std::string() : duration.error();
    },
    "");

void add_relay_options(CLI::App& command, RelayOptions& options) {
  command
      .add_option("--ca", options.ca,
                  "Certificates of the authorities to trust, in place of the system's and of known_relays")
      ->type_name("FILE")
      ->group(kTrustGroup);
  command
      .add_option(
          "--pin", options.pin,
          "The relay's key, in place of an authority: sha256:..., or a file that holds that (with a / in its name); or "
          "PARLEY_PIN, unless an invite has a pin")
      ->type_name("PIN|FILE")
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

void add_meeting_options(CLI::App& command, MeetingOptions& options) {
  command
      .add_option(
          "invite", options.invite,
          "The invite that the other side has made; - reads it from standard input, or asks for it. Without one, "
          "a new invite is made and shown")
      ->type_name("INVITE");
  command.add_option("--invite-file", options.invite_file, "A file with the invite in it")
      ->type_name("FILE")
      ->group(kWhereGroup);
  command
      .add_option("--relay", options.relay.relay,
                  "Where the relay is; the port is 10443 unless given. With an invite: in place of the invite's. Or "
                  "PARLEY_RELAY, without an invite")
      ->type_name("HOST[:PORT]")
      ->group(kWhereGroup);
  command
      .add_option("--room", options.room, "Meet in the room of that name, without an invite: the relay can read along")
      ->type_name("NAME")
      ->group(kWhereGroup);
  command
      .add_option("--wait", options.wait,
                  "How long to wait for the other side to come, or to come back; none: for ever")
      ->check(kTimeCheck)
      ->type_name("TIME")
      ->group(kWhereGroup);
  add_relay_options(command, options.relay);
  command
      .add_option("--name", options.name,
                  "What the other side is to call you; none: no name. On a terminal that of your login unless given")
      ->type_name("NAME")
      ->group(kShownGroup);
  command.add_flag("--qr", options.qr, "Show a new invite as a QR code too")->group(kShownGroup);
}

}  // namespace parley::client

#include "cli-client/meeting/options.h"

namespace parley::client {

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

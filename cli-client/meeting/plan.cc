#include "cli-client/meeting/plan.h"

#include <utility>

#include "base/utf8.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/login_name.h"
#include "cli-client/base/say.h"
#include "cli-client/base/time_option.h"
#include "cli-client/meeting/access_token.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/terminal/screen.h"
#include "protocol/chat/psk.h"
#include "protocol/relay/control.h"

namespace parley::client {
namespace {

// What the other side is to call this user. Their login's name only where they see it before it is sent.
tl::expected<std::string, Refusal> choose_name(const MeetingOptions& options) {
  if (options.name.size() > chat::kMaxSideNameBytes || !is_utf8(options.name)) {
    return tl::unexpected(usage("a name is at most 64 bytes of UTF-8"));
  }
  if (!options.name.empty() || !user_can_be_asked()) return options.name == kNoName ? "" : options.name;
  std::string name = login_name();
  if (name.empty() || name.size() > chat::kMaxSideNameBytes || !is_utf8(name)) return "";
  say("the other side sees you as " + escape(name) + "; --name NAME or --name none changes that");
  return name;
}

}  // namespace

tl::expected<Plan, Refusal> make_plan(const MeetingOptions& options, const Given& given,
                                      std::optional<std::chrono::milliseconds> again) {
  const Settings& settings = given.settings;
  auto invite = read_invite({options.invite, options.invite_file, options.or_new_invite}, given.invite);
  if (!invite) return tl::unexpected(invite.error());
  if (*invite && !options.room.empty()) return tl::unexpected(usage("an invite has its own room: leave out --room"));
  const std::string given_relay = *invite ? options.relay.relay : options.relay_for_new_invite(settings);
  if (!*invite && given_relay.empty()) {
    return tl::unexpected(
        usage("which relay? Give an invite or --relay HOST[:PORT], once for all by "
              "parley config set relay HOST[:PORT]"));
  }
  if (!options.room.empty() && !relay::is_room(options.room)) {
    return tl::unexpected(usage("a room's name is 1 to 128 of A-Z a-z 0-9 . _ ~ -"));
  }

  Endpoint relay;
  if (!given_relay.empty()) {
    const auto endpoint = read_relay(given_relay);
    if (!endpoint) return tl::unexpected(endpoint.error());
    relay = *endpoint;
  } else {
    const auto endpoint = make_endpoint((*invite)->host, (*invite)->port);
    if (!endpoint) return tl::unexpected(usage("bad invite: its relay is none: " + endpoint.error()));
    relay = *endpoint;
  }
  auto trust = make_trust(options.relay, settings, relay, *invite ? (*invite)->pin : std::nullopt);
  if (!trust) return tl::unexpected(trust.error());
  auto access = read_access(options.relay.access_file, settings, relay, !given_relay.empty());
  if (!access) return tl::unexpected(access.error());
  auto name = choose_name(options);
  if (!name) return tl::unexpected(name.error());

  Plan plan{{}, std::move(*trust), {}, std::move(*name), std::nullopt};
  plan.meeting.relay = relay;
  plan.meeting.room = options.room;
  plan.meeting.access = std::move(*access);
  if (options.room.empty()) {
    const bool is_new = !*invite;
    if (is_new) {
      auto made = make_invite(relay);
      if (!made) return tl::unexpected(made.error());
      *invite = std::move(*made);
    }
    plan.meeting.room = (*invite)->room;
    plan.meeting.key = chat::derive_psk((*invite)->secret, (*invite)->room);
    if (is_new) plan.made = std::move(**invite);
  }
  plan.patience.connect = options.relay.connect_limit();
  plan.patience.again = again;
  if (!options.wait.empty()) plan.patience.first = plan.patience.again = parse_limit(options.wait);
  if (*invite && !plan.made && !(*invite)->room_is_checked()) {
    say("a letter of the invite's room may be mistyped: compare the invites if nobody comes");
  }
  if (!plan.meeting.key) say_relay_can_read("in a room without an invite nothing is encrypted end to end");
  return plan;
}

}  // namespace parley::client

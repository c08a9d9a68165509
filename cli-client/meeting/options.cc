#include "cli-client/meeting/options.h"

#include <openssl/crypto.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "base/errno_text.h"
#include "base/trim.h"
#include "base/utf8.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/given_file.h"
#include "cli-client/base/say.h"
#include "cli-client/base/time_option.h"
#include "cli-client/meeting/known_relays.h"
#include "cli-client/terminal/hidden_input.h"
#include "protocol/chat/psk.h"
#include "protocol/relay/control.h"

namespace parley::client {
namespace {

constexpr std::size_t kMaxLineBytes = 2 * chat::kMaxInviteBytes;  // with blanks and quotes round an invite

Refusal usage(std::string text) { return {ExitStatus::usage, std::move(text)}; }

// What the environment says is for when nothing else does: an invite knows its relay better.
std::string or_environment(const std::string& given, const char* name) {
  const char* const value = given.empty() ? std::getenv(name) : nullptr;
  return value != nullptr ? value : given;
}

// Whoever makes an invite names a relay in it, and that need not be the one which the environment's token is for.
bool is_relay_of_environment(const Endpoint& relay) {
  const auto endpoint = parse_endpoint(or_environment({}, "PARLEY_RELAY"), kRelayPort);
  return endpoint && endpoint->text() == relay.text();
}

// The first line, byte by byte: what follows is not ours to take.
tl::expected<SecretText, Refusal> read_line(int fd, const std::string& what, HiddenInput* typed = nullptr) {
  SecretText line(kMaxLineBytes);
  std::size_t size = 0;
  char c = 0;
  for (;;) {
    if (typed != nullptr) typed->await();
    const ssize_t count = ::read(fd, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(Refusal{ExitStatus::failed, "cannot read " + what + ": " + errno_text()});
    if (count == 0 || c == '\n') break;
    if (++size > kMaxLineBytes) return tl::unexpected(usage("the first line of " + what + " is no invite"));
    line.append({&c, 1});
  }
  OPENSSL_cleanse(&c, sizeof c);
  return line;
}

// Asks for a line that is not shown while it is typed or pasted.
tl::expected<SecretText, Refusal> ask_for_invite() {
  HiddenInput typed("Invite: ");
  return read_line(STDIN_FILENO, "standard input", &typed);
}

tl::expected<SecretText, Refusal> read_file(const std::string& path) {
  auto text = read_given_file(path);
  if (!text) return tl::unexpected(usage("cannot read the invite file " + path + ": " + text.error()));
  const std::string_view invite = first_line(*text);
  SecretText line(std::min(invite.size(), kMaxLineBytes));
  if (invite.size() <= kMaxLineBytes) line.append(invite);
  OPENSSL_cleanse(text->data(), text->size());
  if (invite.size() > kMaxLineBytes) return tl::unexpected(usage("the first line of " + path + " is no invite"));
  return line;
}

tl::expected<std::optional<chat::Invite>, Refusal> read_invite(const MeetingOptions& options,
                                                               const std::optional<SecretText>& given) {
  if (options.invite.empty() && options.invite_file.empty()) return std::nullopt;
  if (!options.invite.empty() && !options.invite_file.empty()) {
    return tl::unexpected(usage("give the invite as an argument or by --invite-file, not both"));
  }
  const auto parse = [](std::string_view text) -> tl::expected<std::optional<chat::Invite>, Refusal> {
    auto invite = chat::Invite::parse(text);
    if (!invite) return tl::unexpected(usage("bad invite: " + escape(invite.error())));
    return std::move(*invite);
  };
  if (options.invite_file.empty() && options.invite != "-") return parse(given ? given->reveal() : options.invite);
  auto line = !options.invite_file.empty() ? read_file(options.invite_file)
              : ::isatty(STDIN_FILENO)     ? ask_for_invite()
                                           : read_line(STDIN_FILENO, "standard input");
  if (!line) return tl::unexpected(line.error());
  return parse(line->reveal());
}

bool is_yes(std::string_view answer, const Pin& pin) {
  answer = trim(answer);
  return answer == "y" || answer == "Y" || answer == "yes" || answer == pin_text(pin);
}

}  // namespace

std::string relay_for_new_invite(const MeetingOptions& options) {
  return or_environment(options.relay.relay, "PARLEY_RELAY");
}

const CLI::Validator kTimeCheck(
    [](std::string& text) {
      const auto duration = parse_time(text);
      return duration ? std::string() : duration.error();
    },
    "");

void add_relay_options(CLI::App& command, RelayOptions& options) {
  command.add_option("--ca", options.ca, "Certificates of the authorities to trust, in place of the system's")
      ->type_name("FILE")
      ->envname("PARLEY_CA");
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

void add_meeting_options(CLI::App& command, MeetingOptions& options) {
  command
      .add_option("invite", options.invite,
                  "The invite that the other side has made; - reads it from standard input,\n"
                  "or asks for it. Without one, a new invite is made and shown")
      ->type_name("INVITE");
  command.add_option("--invite-file", options.invite_file, "A file with the invite in its first line")
      ->type_name("FILE");
  command
      .add_option("--relay", options.relay.relay,
                  "Where the relay is; the port is 10443 unless given. With an invite: in place of the\n"
                  "invite's. Or PARLEY_RELAY, without an invite")
      ->type_name("HOST[:PORT]");
  command
      .add_option("--room", options.room, "Meet in the room of that name, without an invite: the relay can read along")
      ->type_name("NAME");
  add_relay_options(command, options.relay);
  command.add_option("--name", options.name, "What the other side is to call you")->type_name("NAME");
  command
      .add_option("--wait", options.wait,
                  "How long to wait for the other side to come, or to come back; none: for ever")
      ->check(kTimeCheck)
      ->type_name("TIME");
  command.add_flag("--qr", options.qr, "Show a new invite as a QR code too");
}

tl::expected<Endpoint, Refusal> relay_of(const std::string& text) {
  if (text.starts_with("parley://")) return tl::unexpected(usage("that is an invite; give the host that it names"));
  auto endpoint = parse_endpoint(text, kRelayPort);
  if (endpoint) return *endpoint;
  return tl::unexpected(
      usage("bad relay \"" + text + "\": " + endpoint.error() + "; write HOST, HOST:PORT or [IPV6]:PORT"));
}

tl::expected<Trust, Refusal> make_trust(const RelayOptions& options, const Endpoint& relay,
                                        const std::optional<Pin>& of_invite) {
  std::optional<Pin> pin = of_invite;
  if (const std::string given = or_environment(options.pin, "PARLEY_PIN");
      !options.pin.empty() || (!pin && !given.empty())) {
    pin = parse_pin(given);
    if (!pin) return tl::unexpected(usage("bad pin: it is sha256: and 43 letters, digits, - or _"));
  }
  if (options.client_cert.empty() != options.client_key.empty())
    return tl::unexpected(usage("--client-cert and --client-key go together: give both or neither"));
  auto trust = Trust::make(options.ca, pin, {options.client_cert, options.client_key});
  if (!trust) return tl::unexpected(usage(trust.error()));
  if (!pin) trust->remember(find_known_relay(relay));
  return std::move(*trust);
}

tl::expected<std::optional<std::string>, Refusal> read_access(const RelayOptions& options, bool from_environment) {
  std::optional<std::string> token;
  if (!options.access_file.empty()) {
    auto text = read_given_file(options.access_file);
    if (!text) return tl::unexpected(usage("cannot read the access file " + options.access_file + ": " + text.error()));
    token = first_line(*text);
    OPENSSL_cleanse(text->data(), text->size());
  } else if (const char* text = std::getenv("PARLEY_ACCESS_TOKEN"); from_environment && text != nullptr && *text != 0) {
    token = text;
  }
  const bool visible = !token || (!token->empty() && token->size() <= relay::kMaxAccessBytes &&
                                  token->find_first_not_of("!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                           "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") == token->npos);
  if (!visible) return tl::unexpected(usage("the access token must be 1 to 256 visible ASCII characters"));
  return token;
}

tl::expected<Plan, Refusal> make_plan(const MeetingOptions& options, const std::optional<SecretText>& given,
                                      std::optional<std::chrono::milliseconds> again) {
  auto invite = read_invite(options, given);
  if (!invite) return tl::unexpected(invite.error());
  if (*invite && !options.room.empty()) return tl::unexpected(usage("an invite has its own room: leave out --room"));
  const std::string given_relay = *invite ? options.relay.relay : relay_for_new_invite(options);
  if (!*invite && given_relay.empty()) {
    return tl::unexpected(usage("which relay? Give an invite, --relay HOST[:PORT], or set PARLEY_RELAY"));
  }
  if (!options.room.empty() && !relay::is_room(options.room)) {
    return tl::unexpected(usage("a room's name is 1 to 128 of A-Z a-z 0-9 . _ ~ -"));
  }
  if (options.name.size() > chat::kMaxSideNameBytes || !is_utf8(options.name)) {
    return tl::unexpected(usage("a name is at most 64 bytes of UTF-8"));
  }

  Endpoint relay;
  if (!given_relay.empty()) {
    const auto endpoint = relay_of(given_relay);
    if (!endpoint) return tl::unexpected(endpoint.error());
    relay = *endpoint;
  } else {
    relay = {(*invite)->host, (*invite)->port};
  }
  auto trust = make_trust(options.relay, relay, *invite ? (*invite)->pin : std::nullopt);
  if (!trust) return tl::unexpected(trust.error());
  auto access = read_access(options.relay, !given_relay.empty() || is_relay_of_environment(relay));
  if (!access) return tl::unexpected(access.error());

  Plan plan{{}, std::move(*trust), {}, options.name, std::nullopt};
  plan.meeting.relay = relay;
  plan.meeting.room = options.room;
  plan.meeting.access = std::move(*access);
  if (options.room.empty()) {
    const bool is_new = !*invite;
    if (is_new) invite = chat::Invite::make(relay.host, relay.port);
    plan.meeting.room = (*invite)->room;
    plan.meeting.key = chat::derive_psk((*invite)->secret, (*invite)->room);
    if (is_new) plan.made = std::move(**invite);
  }
  plan.patience.connect = parse_limit(options.relay.timeout).value_or(std::chrono::hours(1));
  plan.patience.again = again;
  if (!options.wait.empty()) plan.patience.first = plan.patience.again = parse_limit(options.wait);
  return plan;
}

SecretText invite_text(const Plan& plan, const Engine& engine) {
  chat::Invite invite = *plan.made;
  if (!plan.trust.is_of_system()) invite.pin = engine.relay_pin();
  return invite.text();
}

bool trust_after_asking(Plan& plan, const Outcome& outcome) {
  if (!outcome.pin) return false;
  if (!::isatty(STDIN_FILENO) || !::isatty(STDERR_FILENO)) {
    std::fprintf(stderr, "parley: %s\n", outcome.text.c_str());
    return false;
  }
  // What was typed before the question is no answer to it.
  ::tcflush(STDIN_FILENO, TCIFLUSH);
  std::fprintf(stderr,
               "Nobody known here vouches for the relay %s. Its key is\n  %s\n"
               "Compare it with what the relay's operator says, or paste that here.\n"
               "Trust it, now and from now on? [y/N] ",
               plan.meeting.relay.text().c_str(), pin_text(*outcome.pin).c_str());
  // The conversation's signals are blocked, to be read as events; here they end the program as they usually do.
  sigset_t none;
  sigset_t before;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, &before);
  std::array<char, 128> answer{};
  const bool answered = std::fgets(answer.data(), answer.size(), stdin) != nullptr;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!answered || !is_yes(answer.data(), *outcome.pin)) {
    std::fputs("parley: not trusted, so nothing was said to it\n", stderr);
    return false;
  }
  if (const auto error = remember_relay(plan.meeting.relay, *outcome.pin)) say(*error + "; it will be asked again");
  plan.trust = plan.trust.with_pin(*outcome.pin).value();
  return true;
}

}  // namespace parley::client

#include "cli-client/meeting/invites.h"

#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "base/errno_text.h"
#include "base/trim.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/given_file.h"
#include "cli-client/base/say.h"
#include "cli-client/terminal/hidden_input.h"
#include "cli-client/terminal/qr_code.h"
#include "cli-client/terminal/screen.h"

namespace parley::client {
namespace {

constexpr std::string_view kScheme = "parley://";
constexpr std::size_t kSecretCharacters = 22;
constexpr std::size_t kMaxLineBytes = 2 * chat::kMaxInviteBytes;  // with blanks and quotes round an invite

bool is_invite(std::string_view text) {
  const auto same = [](char a, char b) { return to_lower(a) == b; };
  const auto at = std::search(text.begin(), text.end(), kScheme.begin(), kScheme.end(), same);
  // Quotes or brackets may be in front, or a command, but not an option's name.
  const std::string_view front(text.begin(), at);
  return at != text.end() && !text.starts_with('-') &&
         (front.size() <= 4 || front.find("parley ") != std::string_view::npos);
}

// Its secret is not all there.
bool is_cut(std::string_view text) {
  const auto hash = text.rfind('#');
  return hash == std::string_view::npos || text.size() - hash <= kSecretCharacters;
}

// How many of the arguments behind argv[first] are the rest of an invite that begins there.
int arguments_cut_off(int argc, char** argv, int first) {
  std::string joined = argv[first];
  int next = first + 1;
  while (is_cut(joined) && next < argc && argv[next][0] != '-') joined += argv[next++];
  const bool whole = !is_cut(joined);
  wipe(std::span(joined));
  return whole ? next - first - 1 : 0;
}

void wipe_argument(char* argument) {
  const std::size_t bytes = std::strlen(argument);
  wipe(std::span(argument, bytes));
  std::memcpy(argument, kScheme.data(), std::min(bytes, kScheme.size()));
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

tl::expected<SecretText, Refusal> read_standard_input() {
  if (!Screen(STDIN_FILENO).is_terminal()) return read_line(STDIN_FILENO, "standard input");
  HiddenInput typed("Invite: ");
  return read_line(STDIN_FILENO, "standard input", &typed);
}

tl::expected<std::optional<chat::Invite>, Refusal> parse(std::string_view text) {
  auto invite = chat::Invite::parse(text);
  if (!invite) return tl::unexpected(usage("bad invite: " + escape(invite.error())));
  return std::move(*invite);
}

}  // namespace

tl::expected<std::optional<SecretText>, std::string> take_given_invite(int argc, char** argv) {
  std::optional<SecretText> invite;
  for (int i = 1; i < argc; ++i) {
    const std::string_view text(argv[i]);
    if (!is_invite(text)) continue;
    if (!invite) {
      invite.emplace(text.size());
      invite->append(text);
    }
    const int more = arguments_cut_off(argc, argv, i);
    for (int part = i; part <= i + more; ++part) wipe_argument(argv[part]);
    if (more > 0)
      return tl::unexpected(std::string("the invite was cut by a blank: put it in quotes, and in one line"));
  }
  return invite;
}

bool stands_for_invite(std::string_view argument) { return argument.starts_with(kScheme) || argument == "-"; }

tl::expected<std::optional<chat::Invite>, Refusal> read_invite(const std::string& argument, const std::string& file,
                                                               const std::optional<SecretText>& given) {
  if (argument.empty() && file.empty()) return std::nullopt;
  if (!argument.empty() && !file.empty()) {
    return tl::unexpected(usage("give the invite as an argument or by --invite-file, not both"));
  }
  if (file.empty() && argument != "-") return parse(given ? given->reveal() : argument);
  const auto line = file.empty() ? read_standard_input() : read_file(file);
  if (!line) return tl::unexpected(line.error());
  return parse(line->reveal());
}

tl::expected<SecretText, Refusal> make_invite(const Endpoint& relay, const std::optional<Pin>& pin) {
  chat::Invite invite = chat::Invite::make(relay.host, relay.port);
  invite.pin = pin;
  SecretText text = invite.text();
  // What is shown must be an invite that can be read: a host's name may be none that invites allow.
  if (chat::Invite::parse(text.reveal())) return text;
  return tl::unexpected(usage("no invite can name the relay \"" + escape(relay.host) +
                              "\": write a name of letters, digits, dots and hyphens, or an address"));
}

void say_invite(std::string_view command, std::string_view text, bool qr) {
  if (qr) std::fputs(qr_code(text).c_str(), stderr);
  // Quoted, as shells make something of ? and #. Programs read the bare one.
  if (Screen(STDERR_FILENO).is_terminal()) {
    say("give this to the other side, and to nobody else:");
    std::fprintf(stderr, "\n  parley %.*s '%.*s'\n\n", static_cast<int>(command.size()), command.data(),
                 static_cast<int>(text.size()), text.data());
  } else {
    std::fprintf(stderr, "parley: the invite for the other side: %.*s\n", static_cast<int>(text.size()), text.data());
  }
}

}  // namespace parley::client

#include "cli-client/meeting/invites.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "base/errno_text.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/given_file.h"
#include "cli-client/base/say.h"
#include "cli-client/terminal/hidden_input.h"
#include "cli-client/terminal/qr_code.h"
#include "cli-client/terminal/screen.h"
#include "protocol/chat/pasted_invite.h"

namespace parley::client {
namespace {

constexpr std::string_view kScheme = "parley://";
constexpr std::size_t kSecretCharacters = 22;
// A paste comes at once; who types lines takes longer than this from one to the next.
constexpr std::chrono::milliseconds kRestOfPaste{300};

bool is_invite(std::string_view text) {
  const auto same = [](char a, char b) { return to_lower(a) == b; };
  const auto at = std::search(text.begin(), text.end(), kScheme.begin(), kScheme.end(), same);
  if (at == text.end() || text.starts_with('-')) return false;
  // Quotes or brackets may be in front, or a command or a link's text, but no other words.
  const std::string_view front(text.begin(), at);
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return std::ranges::none_of(front, is_word) || front.find("parley") != std::string_view::npos ||
         front.ends_with("](");
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

// Lines of standard input up to one that an invite ends in, byte by byte: what follows is not ours to take. nullopt: it
// has ended. Of what is typed the last line is one behind which nothing comes at once.
tl::expected<std::optional<SecretText>, Refusal> read_lines(HiddenInput* typed) {
  SecretText lines(chat::kMaxPastedBytes);
  char c = 0;
  while (lines.reveal().size() < chat::kMaxPastedBytes) {
    const bool behind_a_line = lines.reveal().ends_with('\n');
    if (typed != nullptr && !typed->await(behind_a_line ? std::optional(kRestOfPaste) : std::nullopt)) return lines;
    const ssize_t count = ::read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(Refusal{ExitStatus::failed, "cannot read standard input: " + errno_text()});
    if (count == 0 && lines.reveal().empty()) return std::nullopt;
    if (count == 0) return lines;
    lines.append({&c, 1});
    if (std::exchange(c, 0) == '\n' && chat::PastedInvite(lines.reveal()).is_whole()) return lines;
  }
  return lines;
}

// The front of a file, up to the end of the line that an invite ends in.
std::string_view lines_with_invite(std::string_view text) {
  text = text.substr(0, chat::kMaxPastedBytes);
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    const std::string_view lines = text.substr(0, end + 1);
    if (chat::PastedInvite(lines).is_whole()) return lines;
  }
  return text;
}

tl::expected<chat::Invite, Refusal> parse(std::string_view text) {
  auto invite = chat::Invite::parse(text);
  if (!invite) return tl::unexpected(usage("bad invite: " + escape(invite.error())));
  return std::move(*invite);
}

tl::expected<chat::Invite, Refusal> read_file(const std::string& path) {
  auto text = read_given_file(path);
  if (!text) return tl::unexpected(usage("cannot read the invite file " + path + ": " + text.error()));
  auto invite = parse(lines_with_invite(*text));
  wipe(std::span(*text));
  return invite;
}

tl::expected<chat::Invite, Refusal> read_standard_input() {
  const auto lines = read_lines(nullptr);
  if (!lines) return tl::unexpected(lines.error());
  return parse(*lines ? (*lines)->reveal() : "");
}

// Until it is one. nullopt: Enter alone, where that makes a new one.
tl::expected<std::optional<chat::Invite>, Refusal> ask_for_invite(bool or_new) {
  for (;;) {
    HiddenInput typed(or_new ? "Invite (not shown; Enter alone makes a new one): " : "Invite (not shown): ");
    const auto lines = read_lines(&typed);
    if (!lines) return tl::unexpected(lines.error());
    if (!*lines) return tl::unexpected(usage("no invite was given"));
    const std::string_view text = (*lines)->reveal();
    if (or_new && chat::PastedInvite(text).is_empty()) return std::nullopt;
    auto invite = parse(text);
    if (invite) return std::move(*invite);
    typed.end();
    say(invite.error().text);
  }
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

tl::expected<std::optional<chat::Invite>, Refusal> read_invite(const InviteSource& source,
                                                               const std::optional<SecretText>& given) {
  const auto& [argument, file, or_new] = source;
  if (argument.empty() && file.empty()) return std::nullopt;
  if (!argument.empty() && !file.empty()) {
    return tl::unexpected(usage("give the invite as an argument or by --invite-file, not both"));
  }
  if (!file.empty()) return read_file(file);
  if (argument != "-") return parse(given ? given->reveal() : argument);
  if (!Screen(STDIN_FILENO).is_terminal()) return read_standard_input();
  return ask_for_invite(or_new);
}

tl::expected<chat::Invite, Refusal> make_invite(const Endpoint& relay) {
  chat::Invite invite = chat::Invite::make(relay.host, relay.port);
  if (chat::Invite::parse(invite.text().reveal())) return invite;
  return tl::unexpected(usage("no invite can name the relay " + relay.text() +
                              ": its zone means something on this machine only; write a name, or an address without "
                              "a zone, or meet by --room"));
}

void say_invite(std::string_view command, std::string_view text, bool qr) {
  const Screen screen(STDERR_FILENO);
  constexpr std::size_t kLinesBelow = 5;  // of what follows, and the cursor's
  if (qr) std::fputs(qr_code_for(screen, text, kLinesBelow).c_str(), stderr);
  // Quoted, as shells make something of ? and #. Programs read the bare one.
  if (screen.is_terminal()) {
    say("give this to the other side, and to nobody else:");
    std::fprintf(stderr, "\n  parley %.*s '%.*s'\n\n", static_cast<int>(command.size()), command.data(),
                 static_cast<int>(text.size()), text.data());
  } else {
    std::fprintf(stderr, "parley: the invite for the other side: %.*s\n", static_cast<int>(text.size()), text.data());
  }
}

}  // namespace parley::client

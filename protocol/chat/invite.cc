#include "protocol/chat/invite.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/base64url.h"
#include "base/hex.h"
#include "base/openssl.h"
#include "protocol/chat/pasted_invite.h"

namespace parley::chat {
namespace {

constexpr std::string_view kScheme = "parley://";
constexpr std::string_view kPinParameter = "pin=sha256:";
// One sentence for the user.
using Wrong = tl::unexpected<std::string>;

void fill_random(std::span<std::byte> bytes) {
  must(RAND_priv_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) == 1,
       "no randomness");
}

// Of the bytes in front of it; 24 bits, so a mistyped room passes once in 16 million.
std::array<std::byte, kRoomCheckBytes> check_of(std::span<const std::byte> random) {
  constexpr std::string_view kLabel = "parley room";
  std::array<std::byte, kLabel.size() + kRoomBytes - kRoomCheckBytes> text{};
  const auto behind =
      std::ranges::transform(kLabel, text.begin(), [](char c) { return static_cast<std::byte>(c); }).out;
  std::ranges::copy(random, behind);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<std::byte, kRoomCheckBytes> check{};
  std::transform(digest.begin(), digest.begin() + kRoomCheckBytes, check.begin(),
                 [](unsigned char c) { return static_cast<std::byte>(c); });
  return check;
}

std::string quoted(char c) {
  if (c > ' ' && c < '\x7f') {
    return std::string("'").append(1, c).append("'");
  }
  std::string text = "the byte 0x";
  append_hex(text, c);
  return text;
}

// Walks over an invite and knows where it is, for the error messages.
class Reader {
 public:
  explicit Reader(std::string_view whole) : whole_(whole), rest_(whole) {}

  std::string_view rest() const { return rest_; }
  // Takes all up to the first of `ends`, or everything.
  std::string_view take_until(std::string_view ends) { return take(std::min(rest_.find_first_of(ends), rest_.size())); }
  std::string_view take(std::size_t count) {
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  bool take_if(char c) {
    const bool there = !rest_.empty() && rest_.front() == c;
    if (there) rest_.remove_prefix(1);
    return there;
  }
  // Of a character in something that was taken; counts from 1.
  std::string position(const char* of) const { return std::to_string(of - whole_.data() + 1); }

 private:
  std::string_view whole_;
  std::string_view rest_;
};

// Reads what has a fixed length in base64url. `what` names it for the user.
tl::expected<void, std::string> read_base64url(const Reader& reader, std::string_view text, std::string_view what,
                                               std::span<std::byte> bytes) {
  const std::size_t length = base64url_length(bytes.size());
  const std::string name = "the invite's " + std::string(what);
  const auto odd = std::ranges::find_if(text, [](char c) { return base64url_value(c) < 0; });
  std::string stray;
  if (odd != text.end()) {
    stray = quoted(*odd) + " at position " + reader.position(std::to_address(odd)) +
            " cannot be part of it (only letters, digits, - and _ can)";
  }
  if (text.empty()) {
    return Wrong(name + " is missing: copy the invite whole");
  }
  if (text.size() != length) {
    return Wrong(name + " has " + std::to_string(text.size()) + (text.size() == 1 ? " character" : " characters") +
                 " where " + std::to_string(length) + " belong" + (stray.empty() ? "" : ", and " + stray) +
                 ": copy the invite whole");
  }
  if (!stray.empty()) {
    return Wrong(name + " is mistyped: " + stray);
  }
  if (!from_base64url(text, bytes)) {
    return Wrong(name + " is mistyped: its last character cannot be " + quoted(text.back()));
  }
  return {};
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

tl::expected<std::string, std::string> read_host(Reader& reader) {
  if (reader.take_if('[')) {
    std::string host(reader.take_until("]/?#"));
    if (!reader.take_if(']')) {
      return Wrong("the bracket after the relay's IPv6 address is missing");
    }
    if (!is_ipv6(host)) {
      return Wrong("the relay's address in brackets is no IPv6 address");
    }
    return host;
  }
  const std::string_view host = reader.take_until(":/?#");
  if (host.empty()) {
    return Wrong("the relay's name is missing after parley://");
  }
  if (host.size() > kMaxHostBytes) {
    return Wrong("the relay's name is longer than " + std::to_string(kMaxHostBytes) + " characters");
  }
  for (const char& c : host) {
    if (base64url_value(c) < 0 && c != '.') {
      return Wrong(quoted(c) + " at position " + reader.position(&c) + " cannot be part of the relay's name");
    }
  }
  return std::string(host);
}

tl::expected<std::uint16_t, std::string> read_port(Reader& reader) {
  if (reader.rest().empty() || std::string_view("/?#").find(reader.rest().front()) != std::string_view::npos) {
    return kDefaultPort;
  }
  reader.take_if(':');
  const std::string_view digits = reader.take_until("/?#");
  if (digits.find(':') != std::string_view::npos) {
    return Wrong("the relay's port is no number; an IPv6 address belongs in brackets, as [::1]");
  }
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || digits.front() == '0') {
    return Wrong("the relay's port must be a number from 1 to 65535");
  }
  return port;
}

tl::expected<void, std::string> read_parameters(Reader& reader, Invite& invite) {
  do {
    const std::string_view parameter = reader.take_until("&#");
    const std::string_view name = parameter.substr(0, parameter.find('='));
    if (name != "pin") {
      std::string shown;
      for (const char c : name.substr(0, 32)) {
        shown += c > ' ' && c < '\x7f' ? c : '?';
      }
      return Wrong("the invite has a parameter that this version does not know: '" + shown + "'");
    }
    if (invite.pin) {
      return Wrong("the invite's pin comes twice");
    }
    if (!parameter.starts_with(kPinParameter)) {
      return Wrong("the invite's pin does not begin with sha256:");
    }
    const auto read = read_base64url(reader, parameter.substr(kPinParameter.size()), "pin", invite.pin.emplace());
    if (!read) {
      return read;
    }
  } while (reader.take_if('&'));
  return {};
}

// `text` is nothing but an invite.
tl::expected<Invite, std::string> parse_alone(std::string_view text) {
  Reader reader(text);
  reader.take(kScheme.size());

  Invite invite;
  auto host = read_host(reader);
  if (!host) {
    return Wrong(std::move(host.error()));
  }
  invite.host = std::move(*host);
  auto port = read_port(reader);
  if (!port) {
    return Wrong(std::move(port.error()));
  }
  invite.port = *port;
  reader.take_if('/');
  const std::string_view room = reader.take_until("?#");
  std::array<std::byte, kRoomBytes> room_bytes{};
  if (auto read = read_base64url(reader, room, "room (after the relay's name)", room_bytes); !read) {
    return Wrong(std::move(read.error()));
  }
  invite.room = room;
  if (reader.take_if('?')) {
    if (auto read = read_parameters(reader, invite); !read) {
      return Wrong(std::move(read.error()));
    }
  }
  reader.take_if('#');
  if (auto read = read_base64url(reader, reader.rest(), "secret (after #)", invite.secret.fill()); !read) {
    return Wrong(std::move(read.error()));
  }
  return invite;
}

}  // namespace

Invite Invite::make(std::string host, std::uint16_t port) {
  Invite invite;
  invite.host = std::move(host);
  invite.port = port;
  std::array<std::byte, kRoomBytes> room{};
  constexpr std::size_t kRandom = kRoomBytes - kRoomCheckBytes;
  fill_random(std::span(room).first(kRandom));
  std::ranges::copy(check_of(std::span(room).first(kRandom)), room.begin() + kRandom);
  invite.room = to_base64url(room);
  fill_random(invite.secret.fill());
  return invite;
}

tl::expected<Invite, std::string> Invite::parse(std::string_view pasted) {
  if (pasted.size() > kMaxPastedBytes) {
    return Wrong("this is too long to be an invite");
  }
  const PastedInvite read(pasted);
  if (read.is_empty()) {
    return Wrong("the invite is empty; one begins with parley://");
  }
  if (read.invite().empty()) {
    return Wrong("this is not an invite; one begins with parley://");
  }
  // A link in Markdown or in a mail may have it twice, as its text and as where it leads.
  if (!read.behind().empty() && read.behind() != read.invite()) {
    return Wrong("something follows the invite, beginning with " + quoted(read.behind().front()) +
                 ": give the invite alone");
  }
  return parse_alone(read.invite());
}

std::string Invite::relay() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  std::string text = std::string(kScheme) + (ipv6 ? "[" : "") + host + (ipv6 ? "]" : "");
  if (port != kDefaultPort) {
    text += ':' + std::to_string(port);
  }
  return text + '/';
}

SecretText Invite::text() const {
  SecretText text(kMaxInviteBytes);
  text.append(relay());
  text.append(room);
  if (pin) {
    text.append("?");
    text.append(kPinParameter);
    text.append(to_base64url(*pin));
  }
  text.append("#");
  std::string written = to_base64url(secret.reveal());
  text.append(written);
  wipe(std::span(written));
  return text;
}

bool Invite::room_is_checked() const {
  constexpr std::size_t kRandom = kRoomBytes - kRoomCheckBytes;
  std::array<std::byte, kRoomBytes> bytes{};
  return from_base64url(room, bytes) &&
         std::ranges::equal(std::span(bytes).subspan(kRandom), check_of(std::span(bytes).first(kRandom)));
}

std::string Invite::redacted() const { return relay() + room.substr(0, 4) + "…#…"; }

}  // namespace parley::chat

#include "service/config/options.h"

#include <algorithm>

#include "base/duration.h"
#include "service/log/log.h"

namespace parley::config {
namespace {

using Values = std::vector<std::string>;
using Spelled = Parsed<Values>;

constexpr std::string_view kListeners = "Listeners";
constexpr std::string_view kThreads = "Threads";
constexpr std::string_view kClassic = "Classic protocol";
constexpr std::string_view kRelay = "relay/1";
constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kDeadlines = "Deadlines";
constexpr std::string_view kAdmin = "Admin endpoint";
constexpr std::string_view kLogs = "Logs";

constexpr std::size_t kMostThreads = 1024;
constexpr std::size_t kMostConnections = 10'000'000;
constexpr std::size_t kLeastBuffer = 4 * 1024;
constexpr std::size_t kMostBuffer = 64 * 1024 * 1024;
constexpr std::size_t kLeastByteRate = 16 * 1024;
constexpr std::size_t kMostByteRate = 1024 * 1024 * 1024;

template <class Value, class Target, class Format>
Spelled keep(const Parsed<Value>& value, Target& target, Format format) {
  if (!value) return tl::make_unexpected(value.error());
  target = static_cast<Target>(*value);
  return Values{format(*value)};
}

template <class Enum>
Spelled keep_word(const std::string& text, Enum& target, std::initializer_list<std::string_view> words) {
  return keep(parse_word(text, words), target, [&](std::size_t index) { return std::string(words.begin()[index]); });
}

template <class Value>
Spelled keep_list(const Parsed<std::vector<Value>>& values, std::vector<Value>& target) {
  if (!values) return tl::make_unexpected(values.error());
  target = *values;
  Values spelled;
  for (const Value& value : target) spelled.push_back(to_string(value));
  if (spelled.empty()) spelled.emplace_back("none");
  return spelled;
}

// A deadline that may be switched off.
Spelled keep_deadline(const std::string& text, milliseconds& target) {
  return keep(parse_duration(text, Off::allowed), target,
              [](milliseconds value) { return value.count() == 0 ? "none" : duration_text(value); });
}

Spelled keep_limit(const std::string& text, std::size_t& target) {
  return keep(parse_count(text, Off::allowed, 1, kMostConnections), target,
              [](std::uint64_t value) { return value == 0 ? "none" : std::to_string(value); });
}

Spelled keep_rate(const std::string& text, double& target) {
  return keep(parse_rate(text), target, [](double rate) { return rate == 0 ? "none" : format_rate(rate); });
}

Spelled keep_byte_rate(const std::string& text, std::size_t& target) {
  if (text == "0" || text == "none") {
    target = 0;
    return Values{"none"};
  }
  Spelled spelled = keep(parse_size(text, kLeastByteRate, kMostByteRate), target, format_size);
  if (!spelled) spelled.error().remedy += ", or none to switch it off";
  return spelled;
}

template <class Target>
Spelled keep_count(const std::string& text, Target& target, std::uint64_t least, std::uint64_t most) {
  return keep(parse_count(text, Off::refused, least, most), target,
              [](std::uint64_t value) { return std::to_string(value); });
}

Spelled keep_threads(const std::string& text, unsigned& target) {
  return keep(parse_count_or_auto(text, kMostThreads), target, format_count_or_auto);
}

Spelled keep_workers(const std::string& text, std::optional<unsigned>& target) {
  if (text == "none") {
    target = 0;
    return Values{text};
  }
  unsigned threads = 0;
  Spelled spelled = keep_threads(text, threads);
  if (spelled) target = threads == 0 ? std::nullopt : std::optional(threads);
  return spelled;
}

Spelled keep_max_connections(const std::string& text, std::size_t& target) {
  // No limit is the descriptor limit all the same.
  return keep(parse_count_or_auto(text == "none" ? "auto" : text, kMostConnections), target, format_count_or_auto);
}

Spelled keep_crypto_mb(const std::string& text, std::string& target) {
  if (text != "auto" && text != "off" && text.find('/') == std::string::npos)
    return tl::make_unexpected(Fault{"it is neither a choice nor a path", "give auto, off or a path with a '/' in it"});
  target = text;
  return Values{text};
}

Spelled keep_path(const std::string& text, std::string& target) {
  if (text.empty()) return tl::make_unexpected(Fault{"it is empty", "give a path, or none"});
  target = text == "none" ? "" : text;
  return Values{text};
}

Spelled keep_level(const std::string& text, std::string& target) {
  if (parse_log_level(text)) {
    target = text;
    return Values{text};
  }
  std::string remedy = "give one of";
  for (const std::string_view level : kLogLevelNames) remedy.append(" ").append(level);
  return tl::make_unexpected(Fault{"there is no such level", remedy});
}

Spelled keep_switch(const std::string& text, bool& target) {
  return keep(parse_switch(text), target, [](bool value) { return value ? "true" : "false"; });
}

constexpr bool kRepeatable = true;
constexpr bool kOnce = false;
constexpr bool kReloadable = true;
constexpr bool kAtStart = false;

const Option kOptions[] = {
    {"classic-listen", "ADDR:PORT", kListeners, "127.0.0.1:10000", kRepeatable, kAtStart,
     "Where clients of the classic protocol connect. ADDR is a numeric IPv4 address, an IPv6 address in brackets, "
     "localhost (127.0.0.1) or * (every address, IPv4 and IPv6). Port 0 picks a free one. Repeatable; none for no "
     "listener.",
     [](const Values& v, Config& c) { return keep_list(parse_endpoints(v), c.service.classic_listen); }},
    {"relay-listen", "ADDR:PORT", kListeners, "127.0.0.1:10443", kRepeatable, kAtStart,
     "Where clients of relay/1 connect. Needs a certificate: without one, relay/1 is off. Repeatable; none for no "
     "listener.",
     [](const Values& v, Config& c) { return keep_list(parse_endpoints(v), c.service.relay_listen); }},
    {"admin-listen", "ADDR:PORT", kListeners, "127.0.0.1:8080", kRepeatable, kAtStart,
     "Where the admin endpoint answers HTTP, and what parleyd healthcheck and parleyd ctl ask: the first. unix:PATH is "
     "a socket whose permissions stand for the token: its owner and its group may use it. Repeatable; none for no "
     "listener.",
     [](const Values& v, Config& c) { return keep_list(parse_admin_endpoints(v), c.admin.listen); }},
    {"proxy-protocol", "ADDR/BITS", kListeners, "none", kRepeatable, kReloadable,
     "A network, or a single address, of proxies that begin every connection with a PROXY header, version 1 or 2. The "
     "client's address is then what that says: for limits, logs and the admin API. Theirs without one are closed. "
     "Nobody else is believed one. Repeatable; none believes nobody.",
     [](const Values& v, Config& c) { return keep_list(parse_networks(v), c.service.proxies); }},

    {"shards", "N", kThreads, "auto", kOnce, kAtStart,
     "Threads that own connections and sessions, 1 to 1024. auto is one per core.",
     [](const Values& v, Config& c) { return keep_threads(v[0], c.service.shards); }},
    {"workers", "N", kThreads, "auto", kOnce, kAtStart,
     "Threads that do RSA operations for the shards, 1 to 1024; with none each shard does its own. auto is one per "
     "core, "
     "but none on up to four cores without crypto_mb, where that costs least.",
     [](const Values& v, Config& c) { return keep_workers(v[0], c.service.workers); }},
    {"crypto-mb", "auto|off|PATH", kThreads, "auto", kOnce, kAtStart,
     "Intel's crypto_mb library, which does eight RSA operations at once. auto uses it when the library and the CPU "
     "allow it, off never does, a path names the library's file.",
     [](const Values& v, Config& c) { return keep_crypto_mb(v[0], c.service.crypto_mb); }},

    {"classic-keys", "per-connection|shared", kClassic, "per-connection", kOnce, kAtStart,
     "Whose RSA key a client is given: one of its own, or one for all that is replaced regularly. With shared, who has "
     "recorded what a client sent has the relay open it, by sending it again: for trials alone.",
     [](const Values& v, Config& c) { return keep_word(v[0], c.service.classic.keys, {"per-connection", "shared"}); }},
    {"classic-key-bits", "2048|3072|4096", kClassic, "2048", kOnce, kAtStart, "Size of the relay's RSA keys.",
     [](const Values& v, Config& c) -> Spelled {
       constexpr unsigned kBits[] = {2048, 3072, 4096};
       const Parsed<std::size_t> index = parse_word(v[0], {"2048", "3072", "4096"});
       return keep(index.map([&](std::size_t i) { return kBits[i]; }), c.service.classic.key_bits,
                   [](unsigned bits) { return std::to_string(bits); });
     }},
    {"classic-key-pool", "N", kClassic, "64", kOnce, kAtStart,
     "Keys that are made ahead with per-connection keys, 1 to 65536.",
     [](const Values& v, Config& c) { return keep_count(v[0], c.service.classic.key_pool, 1, 65536); }},
    {"classic-key-lifetime", "TIME", kClassic, "1h", kOnce, kAtStart,
     "How long a shared key is given to new connections, at least 1s. none keeps it for as long as the relay runs.",
     [](const Values& v, Config& c) {
       return keep(parse_duration(v[0], Off::allowed, milliseconds{1000}), c.service.classic.key_lifetime,
                   [](milliseconds value) { return value.count() == 0 ? "none" : duration_text(value); });
     }},
    {"classic-min-client-bits", "BITS", kClassic, "512", kOnce, kReloadable,
     "Smallest RSA key that a client may have, 512 to 8192. The original clients have 512 bits, which is weak.",
     [](const Values& v, Config& c) { return keep_count(v[0], c.service.classic.min_client_bits, 512, 8192); }},
    {"classic-pace", "auto|always|never", kClassic, "auto", kOnce, kReloadable,
     "Whether a client is given one message at a time, as the original clients need it. auto does so for keys below "
     "1024 bits.",
     [](const Values& v, Config& c) { return keep_word(v[0], c.service.classic.pace, {"auto", "always", "never"}); }},

    {"cert", "FILE", kRelay, "none", kOnce, kReloadable,
     "The certificate that relay/1 shows, with its chain, in PEM. SIGHUP reads it again.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.service.relay.certificate); }},
    {"key", "FILE", kRelay, "none", kOnce, kReloadable,
     "The certificate's private key, in PEM, not encrypted, in a file that only its owner can read.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.service.relay.key); }},
    {"self-signed", "DIR", kRelay, "none", kOnce, kReloadable,
     "In place of cert and key: a directory where they are made once, the certificate signed by its own key, and a "
     "token key with them, unless there is a token-key-file. Clients are then given its pin, which is printed at every "
     "start.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.service.relay.self_signed); }},
    {"pin-file", "FILE", kRelay, "none", kOnce, kReloadable,
     "Where to write the pin of the certificate's key at every start, and when it changes: for clients of this machine "
     "that take it from there, by --pin FILE.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.service.relay.pin_file); }},
    {"relay-client-ca", "FILE", kRelay, "none", kOnce, kReloadable,
     "Certificates of authorities, in PEM: clients of relay/1 must show a certificate that one of them vouches for. "
     "SIGHUP reads it again. none asks for none.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.service.relay.client_ca); }},
    {"resume-grace", "TIME", kRelay, "1m", kOnce, kReloadable,
     "How long the place of a client is kept when its connection is lost. none keeps none.",
     [](const Values& v, Config& c) { return keep_deadline(v[0], c.service.deadlines.resume_grace); }},
    {"access", "open|token", kRelay, "open", kOnce, kReloadable,
     "Who may use relay/1: everybody, or who has a token of access-file.",
     [](const Values& v, Config& c) { return keep_word(v[0], c.service.relay.access, {"open", "token"}); }},
    {"access-file", "FILE", kRelay, "none", kOnce, kReloadable,
     "The access tokens: in each line a token's SHA-256 in hexadecimal, and a name. SIGHUP reads it again.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.service.relay.access_file); }},
    {"token-key-file", "FILE", kRelay, "none", kOnce, kReloadable,
     "Keys for the tokens that lost clients come back with, the newest first: 64 hexadecimal digits in each line, in a "
     "file that only its owner can read. With it such tokens outlive a restart; none draws a key at each start.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.service.relay.token_key_file); }},

    {"reload-on-change", "", kRelay, "false", kOnce, kAtStart,
     "Do what SIGHUP does when a file with a certificate, key, list or token, relay/1's or the admin endpoint's, has "
     "become another and has then been left alone for 2 s.",
     [](const Values& v, Config& c) { return keep_switch(v[0], c.reload_on_change); }},

    {"max-connections", "N", kLimits, "auto", kOnce, kReloadable,
     "Connections at once. auto is what the descriptor limit allows.",
     [](const Values& v, Config& c) { return keep_max_connections(v[0], c.service.limits.max_connections); }},
    {"max-connections-per-address", "N", kLimits, "256", kOnce, kReloadable,
     "Connections at once from one address (IPv6: from one /64). none for no limit.",
     [](const Values& v, Config& c) { return keep_limit(v[0], c.service.limits.max_connections_per_address); }},
    {"connection-rate-per-address", "N", kLimits, "20", kOnce, kReloadable,
     "New connections per second from one address (IPv6: from one /64). none for no limit.",
     [](const Values& v, Config& c) { return keep_rate(v[0], c.service.limits.connection_rate_per_address); }},
    {"max-rooms-per-address", "N", kLimits, "64", kOnce, kReloadable,
     "relay/1: rooms in use at once that were opened from one address (IPv6: from one /64). none for no limit.",
     [](const Values& v, Config& c) { return keep_limit(v[0], c.service.limits.max_rooms_per_address); }},
    {"buffer-limit", "SIZE", kLimits, "64K", kOnce, kReloadable,
     "Bytes held for each direction of a session, 4K to 64M, before its sender is not read any more.",
     [](const Values& v, Config& c) {
       return keep(parse_size(v[0], kLeastBuffer, kMostBuffer), c.service.limits.buffer_limit, format_size);
     }},
    {"message-rate-per-connection", "N", kLimits, "none", kOnce, kReloadable,
     "Messages per second that a client may send; a second's worth may come at once. More is not refused: it is read "
     "later. none for no limit.",
     [](const Values& v, Config& c) { return keep_rate(v[0], c.service.limits.message_rate_per_connection); }},
    {"byte-rate-per-connection", "SIZE", kLimits, "none", kOnce, kReloadable,
     "Bytes per second that a client may send, 16K to 1024M, in the same way. none for no limit.",
     [](const Values& v, Config& c) { return keep_byte_rate(v[0], c.service.limits.byte_rate_per_connection); }},

    {"handshake-timeout", "TIME", kDeadlines, "10s", kOnce, kReloadable,
     "Until a new client has sent its key, or its HELLO. none for no deadline.",
     [](const Values& v, Config& c) { return keep_deadline(v[0], c.service.deadlines.handshake); }},
    {"wait-timeout", "TIME", kDeadlines, "10m", kOnce, kReloadable,
     "How long a client waits for a partner. none for no deadline.",
     [](const Values& v, Config& c) { return keep_deadline(v[0], c.service.deadlines.wait); }},
    {"idle-timeout", "TIME", kDeadlines, "1h", kOnce, kReloadable,
     "How long a session may be without a message either way; of relay/1 a PING is one too. none for no deadline.",
     [](const Values& v, Config& c) { return keep_deadline(v[0], c.service.deadlines.idle); }},
    {"write-timeout", "TIME", kDeadlines, "30s", kOnce, kReloadable,
     "How long a client may take nothing of what is queued for it, and about how long it may be silent when its kernel "
     "is asked whether it is there. none for no deadline, and half a minute of silence.",
     [](const Values& v, Config& c) { return keep_deadline(v[0], c.service.deadlines.write); }},
    {"drain-timeout", "TIME", kDeadlines, "30s", kOnce, kReloadable,
     "How long sessions may go on after SIGTERM. none waits for all of them.",
     [](const Values& v, Config& c) { return keep_deadline(v[0], c.service.deadlines.drain); }},
    {"drain-delay", "TIME", kDeadlines, "0s", kOnce, kReloadable,
     "How long new connections are still taken after SIGTERM, while readiness says no already.",
     [](const Values& v, Config& c) {
       return keep(parse_duration(v[0], Off::allowed), c.service.deadlines.drain_delay, duration_text);
     }},

    {kTokenFile, "FILE", kAdmin, "none", kOnce, kReloadable,
     "Holds the token that the admin API asks for: at least 16 bytes in a file that only its owner can read. none "
     "answers on loopback addresses only. SIGHUP reads it again.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.admin.token_file); }},
    {"admin-cert", "FILE", kAdmin, "none", kOnce, kReloadable,
     "The certificate of the admin endpoint, with its chain, in PEM: it speaks TLS then, but for a Unix socket. SIGHUP "
     "reads it again.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.admin.certificate); }},
    {"admin-key", "FILE", kAdmin, "none", kOnce, kReloadable,
     "That certificate's private key, in PEM, not encrypted, in a file that only its owner can read.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.admin.key); }},
    {"admin-client-ca", "FILE", kAdmin, "none", kOnce, kReloadable,
     "Certificates of authorities, in PEM: clients of the admin endpoint must show a certificate that one of them "
     "vouches for. SIGHUP reads it again. none asks for none.",
     [](const Values& v, Config& c) { return keep_path(v[0], c.admin.client_ca); }},

    {"log-level", "LEVEL", kLogs, "info", kOnce, kReloadable,
     "The least level that is logged: trace, debug, info, warning, error, critical or off.",
     [](const Values& v, Config& c) { return keep_level(v[0], c.log.level); }},
    {"log-format", "text|json", kLogs, "text", kOnce, kAtStart,
     "Log lines for people, or a JSON object in each line. Both go to standard error; with json the lines on standard "
     "output are such events too.",
     [](const Values& v, Config& c) { return keep_word(v[0], c.log.format, {"text", "json"}); }},
    {"log-messages", "", kLogs, "false", kOnce, kAtStart,
     "Log what clients say to each other. For finding faults only: it breaks the clients' privacy.",
     [](const Values& v, Config& c) { return keep_switch(v[0], c.service.log_messages); }},
};

const Mode kModes[] = {
    {"config", "FILE", "Read options from FILE, under the same names without the dashes."},
    {"print-config", "", "Print the effective value of every option and where it came from, and exit."},
    {"check-config", "", "Check the configuration and exit: status 0 when it is right, 2 when not."},
    {"version", "", "Print the version and exit; with --verbose also how it was built and what it found."},
    {"verbose", "", "With --version: say more."},
    {"help", "", "Print this help and exit."},
};

}  // namespace

std::span<const Option> options() { return kOptions; }

std::span<const Mode> modes() { return kModes; }

std::string environment_name(std::string_view option) {
  std::string name{kEnvironmentPrefix};
  for (const char c : option) name.push_back(c == '-' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 32) : c);
  return name;
}

}  // namespace parley::config

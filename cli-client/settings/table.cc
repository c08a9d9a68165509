#include "cli-client/settings/table.h"

#include <algorithm>
#include <vector>

#include "base/edit_distance.h"
#include "base/pin.h"
#include "base/utf8.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/time_option.h"
#include "cli-client/base/words.h"
#include "cli-client/settings/bell.h"
#include "cli-client/settings/relay_text.h"
#include "protocol/chat/record.h"

namespace parley::client {
namespace {

using MaybeFault = std::optional<std::string>;

MaybeFault relay_fault(const std::string& value) {
  const auto relay = read_relay_text(value);
  return relay ? std::nullopt : MaybeFault(relay.error());
}

MaybeFault path_fault(const std::string& value) {
  if (value.starts_with('/') || value == "~" || value.starts_with("~/")) return std::nullopt;
  return "a path must begin with / or ~/, since it is for every folder that a command is called in";
}

MaybeFault pin_fault(const std::string& value) {
  if (parse_pin(value)) return std::nullopt;
  if (!is_pin_file(value)) return std::string(kBadPin);
  return value.starts_with('/') ? std::nullopt : MaybeFault("the path of a pin's file must begin with /");
}

MaybeFault name_fault(const std::string& value) {
  if (value.size() <= chat::kMaxSideNameBytes && is_utf8(value)) return std::nullopt;
  return "a name is at most 64 bytes of UTF-8";
}

MaybeFault time_fault(const std::string& value) {
  const auto time = parse_time(value);
  return time ? std::nullopt : MaybeFault(time.error());
}

MaybeFault bell_fault(const std::string& value) {
  return find_word(kBellWords, value) ? std::nullopt : MaybeFault(none_of(kBellWords, value));
}

MaybeFault switch_fault(const std::string& value) {
  constexpr std::string_view kSwitch[] = {"true", "false"};
  return find_word(kSwitch, value) ? std::nullopt : MaybeFault(none_of(kSwitch, value));
}

// The token's variable is not the option's: parleyd's --access-file, a list of all tokens, has that.
constexpr Setting kSettings[] = {
    {"relay", "PARLEY_RELAY", "HOST[:PORT]", "where the relay is", relay_fault, false, true},
    {"pin", "PARLEY_PIN", "sha256:PIN|FILE", "the key of that relay", pin_fault, false, true},
    {"ca", "PARLEY_CA", "FILE", "the authorities that vouch for it", path_fault, true, true},
    {"access-file", "PARLEY_ACCESS_TOKEN_FILE", "FILE", "the access token for it", path_fault, true, true},
    {"client-cert", "PARLEY_CLIENT_CERT", "FILE", "the certificate to show it", path_fault, true, true},
    {"client-key", "PARLEY_CLIENT_KEY", "FILE", "the private key of client-cert", path_fault, true, true},
    {"name", "PARLEY_NAME", "NAME", "what others are to call you, or none", name_fault},
    {"into", "PARLEY_INTO", "FOLDER", "where received files go", path_fault, true},
    {"bell", "PARLEY_BELL", "WHEN", "when it rings: never, idle, always", bell_fault},
    {"qr", "PARLEY_QR", "true|false", "show new invites as QR codes too", switch_fault},
    {"timeout", "PARLEY_TIMEOUT", "TIME", "for one attempt to connect", time_fault},
    {"wait", "PARLEY_WAIT", "TIME", "how long to wait for the other side", time_fault},
    {"linger", "PARLEY_LINGER", "TIME", "how long to stay after piped input", time_fault},
};

}  // namespace

std::span<const Setting> settings_table() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(kSettings, name, &Setting::name);
  return found == std::end(kSettings) ? nullptr : found;
}

std::string no_such_setting(const std::string& name) {
  std::vector<std::string> names;
  for (const Setting& setting : kSettings) names.emplace_back(setting.name);
  const std::string near = nearest(name, names);
  return "there is no setting \"" + escape(name) + "\"; " +
         (near.empty() ? "parley config --help has them all" : "did you mean " + near + "?");
}

}  // namespace parley::client

#include "cli-client/net/port_hint.h"

#include <string_view>

#include "protocol/chat/invite.h"

namespace parley::client {

std::string port_hint(const Endpoint& relay) {
  constexpr struct {
    std::uint16_t port;
    std::string_view whose;
  } kOthers[] = {{22, "ssh's"},
                 {80, "the web's"},
                 {443, "the web's"},
                 {8080, "the relay's admin endpoint's"},
                 {10000, "the classic protocol's (parley classic)"}};
  if (relay.port == chat::kDefaultPort)
    return "another program has that port; ask the relay's operator for the right one";
  std::string hint;
  for (const auto& [port, whose] : kOthers) {
    if (port == relay.port) hint = "port " + std::to_string(port) + " is " + std::string(whose) + ", ";
  }
  return hint + "relay/1's is " + std::to_string(chat::kDefaultPort) + " unless its operator says otherwise";
}

}  // namespace parley::client

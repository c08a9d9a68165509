#include "service/settings/settings.h"

namespace parley {

std::optional<std::string> unix_path(const Endpoint& endpoint) {
  if (!endpoint.address.starts_with(kUnixPrefix)) return std::nullopt;
  return endpoint.address.substr(kUnixPrefix.size());
}

std::string to_string(const Endpoint& endpoint) {
  if (unix_path(endpoint)) return endpoint.address;
  const bool ipv6 = endpoint.address.find(':') != std::string::npos;
  return (ipv6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" + std::to_string(endpoint.port);
}

std::string to_string(const Network& network) { return network.address + "/" + std::to_string(network.prefix_bits); }

}  // namespace parley

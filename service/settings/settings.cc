#include "service/settings/settings.h"

namespace parley {

std::string to_string(const Endpoint& endpoint) {
  const bool ipv6 = endpoint.address.find(':') != std::string::npos;
  return (ipv6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" + std::to_string(endpoint.port);
}

std::string to_string(const Network& network) { return network.address + "/" + std::to_string(network.prefix_bits); }

}  // namespace parley

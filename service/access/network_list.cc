#include "service/access/network_list.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace parley {

namespace {

constexpr unsigned kMappedBits = 96;

}  // namespace

NetworkList::NetworkList(const std::vector<Network>& networks) {
  for (const Network& network : networks) {
    sockaddr_storage storage{};
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    if (::inet_pton(AF_INET, network.address.c_str(), &v4.sin_addr) == 1) {
      storage.ss_family = AF_INET;
      entries_.push_back({mapped(storage), kMappedBits + network.prefix_bits});
    } else if (::inet_pton(AF_INET6, network.address.c_str(), &v6.sin6_addr) == 1) {
      storage.ss_family = AF_INET6;
      entries_.push_back({mapped(storage), network.prefix_bits});
    }
  }
}

NetworkList::Bytes NetworkList::mapped(const sockaddr_storage& address) {
  Bytes bytes{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(bytes.data() + kMappedBits / 8, &v4.sin_addr, sizeof v4.sin_addr);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  }
  return bytes;
}

bool NetworkList::contains(const sockaddr_storage& address) const {
  if (entries_.empty()) return false;
  const Bytes bytes = mapped(address);
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    const std::size_t whole = entry.bits / 8;
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole), entry.address.begin()))
      return false;
    const unsigned left = entry.bits % 8;
    return left == 0 || (bytes[whole] ^ entry.address[whole]) >> (8 - left) == 0;
  });
}

}  // namespace parley

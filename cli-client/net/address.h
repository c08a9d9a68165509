#pragma once

#include <sys/socket.h>

#include <cstring>
#include <string>

namespace parley::client {

struct Address {
  sockaddr_storage storage;
  socklen_t bytes;

  // ADDRESS:PORT in numbers, with brackets round an IPv6 address.
  std::string text() const;
  // ADDRESS alone, without brackets.
  std::string host_text() const;

  friend bool operator==(const Address& a, const Address& b) {
    return a.bytes == b.bytes && std::memcmp(&a.storage, &b.storage, a.bytes) == 0;
  }
};

}  // namespace parley::client

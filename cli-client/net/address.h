#pragma once

#include <sys/socket.h>

#include <string>

namespace parley::client {

struct Address {
  sockaddr_storage storage;
  socklen_t bytes;

  // ADDRESS:PORT in numbers, with brackets round an IPv6 address.
  std::string text() const;
};

}  // namespace parley::client

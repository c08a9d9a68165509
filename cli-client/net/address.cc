#include "cli-client/net/address.h"

#include <netdb.h>

namespace parley::client {
namespace {

struct Numbers {
  char host[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "?";
};

Numbers numbers_of(const Address& address) {
  Numbers numbers;
  (void)::getnameinfo(reinterpret_cast<const sockaddr*>(&address.storage), address.bytes, numbers.host,
                      sizeof numbers.host, numbers.port, sizeof numbers.port, NI_NUMERICHOST | NI_NUMERICSERV);
  return numbers;
}

}  // namespace

std::string Address::text() const {
  const Numbers numbers = numbers_of(*this);
  const std::string host(numbers.host);
  return (storage.ss_family == AF_INET6 ? "[" + host + "]" : host) + ":" + numbers.port;
}

std::string Address::host_text() const { return numbers_of(*this).host; }

}  // namespace parley::client

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/descriptor.h"

namespace parley {

// Every address of this machine, IPv4 and IPv6.
constexpr std::string_view kEveryAddress = "*";

enum class Sharing {
  alone,   // an address in use is an error
  shared,  // several sockets may listen at the same address, and the kernel spreads the connections (SO_REUSEPORT)
};

// A TCP socket that listens and does not block. `address`: numeric, or kEveryAddress; "::" is every address of IPv6 and
// no more, whatever the system's default, so that "0.0.0.0" can stand beside it. `port`: 0 picks a free one. The error
// is an errno; EADDRNOTAVAIL also where the address is not numeric.
tl::expected<Descriptor, int> listen_tcp(std::string_view address, std::uint16_t port,
                                         Sharing sharing = Sharing::alone);

// That a socket is bound to; 0 when there is none.
std::uint16_t bound_port(int socket);

}  // namespace parley

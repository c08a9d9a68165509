#include "parleyd/listening_sockets.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/net/listen.h"
#include "service/net/listener.h"

namespace parley {
namespace {

ListeningSockets open(Endpoint endpoint, unsigned shards) {
  // A socket that shares its address would bind beside another program's without an error: ask first.
  {
    const Descriptor probe = listen_at(endpoint, Sharing::alone);
    endpoint.port = bound_port(probe.get());
  }
  ListeningSockets opened{{}, endpoint};
  for (unsigned i = 0; i < shards; ++i) opened.sockets.push_back(listen_at(endpoint, Sharing::shared));
  return opened;
}

// There is one queue of connections, which outlives the process: all shards take from it.
ListeningSockets copy(const PassedListener& passed, unsigned shards) {
  ListeningSockets copied{{}, passed.bound};
  for (unsigned i = 0; i < shards; ++i) {
    Descriptor socket(::fcntl(passed.socket.get(), F_DUPFD_CLOEXEC, 0));
    if (!socket.valid()) throw std::system_error(errno, std::generic_category(), to_string(passed.bound));
    copied.sockets.push_back(std::move(socket));
  }
  return copied;
}

}  // namespace

std::vector<ListeningSockets> open_or_take(const std::vector<Endpoint>& wanted,
                                           const std::vector<PassedListener>& passed, unsigned shards) {
  std::vector<ListeningSockets> all;
  for (const PassedListener& one : passed) all.push_back(copy(one, shards));
  if (!passed.empty()) return all;
  for (const Endpoint& one : wanted) all.push_back(open(one, shards));
  return all;
}

}  // namespace parley

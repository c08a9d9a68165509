#include "cli-client/net/resolver.h"
#include "base/errno_text.h"

#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace parley::client {
namespace {

std::future<Resolved> cannot_ask(const Endpoint& endpoint, int error) {
  std::promise<Resolved> answer;
  answer.set_value(tl::unexpected("cannot look up the host " + endpoint.host + ": " + errno_text(error)));
  return answer.get_future();
}

}  // namespace

Resolved resolve(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(endpoint.dns_name().c_str(), std::to_string(endpoint.port).c_str(), &hints, &list);
  if (error != 0) {
    const std::string why = error == EAI_SYSTEM ? errno_text() : std::string(::gai_strerror(error));
    return tl::unexpected("cannot find the host " + endpoint.host + ": " + why +
                          (error == EAI_AGAIN ? "; is there a network?" : "; check its spelling"));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    Address& address = addresses.emplace_back();
    address.bytes = at->ai_addrlen;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
  }
  return addresses;
}

Resolver::Resolver(const Endpoint& endpoint, const Lookup& lookup) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    result_ = cannot_ask(endpoint, errno);
    return;
  }
  done_ = Descriptor(ends[0]);
  std::promise<Resolved> promise;
  result_ = promise.get_future();
  // Signals are for the thread that reads them.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  // Whoever gives up waiting leaves the thread to end by itself: it holds nothing but its own copies.
  try {
    std::thread(
        [](Lookup look_up, Endpoint what, std::promise<Resolved> to, Descriptor end) {
          to.set_value(look_up(what));
          const Descriptor closed = std::move(end);  // which wakes who waits
        },
        lookup, endpoint, std::move(promise), Descriptor(ends[1]))
        .detach();
  } catch (const std::system_error& error) {  // too many threads; the other end of the pipe is closed by now
    result_ = cannot_ask(endpoint, error.code().value());
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::optional<Resolved> Resolver::take() {
  if (!result_.valid() || result_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return std::nullopt;
  return result_.get();
}

}  // namespace parley::client

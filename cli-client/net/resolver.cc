#include "cli-client/net/resolver.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

namespace parley::client {

Resolver::Resolver(const Endpoint& endpoint) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot look up the relay");
  }
  done_ = Descriptor(ends[0]);
  std::promise<tl::expected<std::vector<Address>, std::string>> promise;
  result_ = promise.get_future();
  // Signals are for the thread that reads them.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  // Whoever gives up waiting leaves the thread to end by itself: it holds nothing but its own copies.
  std::thread(
      [](Endpoint what, std::promise<tl::expected<std::vector<Address>, std::string>> to, Descriptor end) {
        to.set_value(resolve(what));
        const Descriptor closed = std::move(end);  // which wakes who waits
      },
      endpoint, std::move(promise), Descriptor(ends[1]))
      .detach();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::optional<tl::expected<std::vector<Address>, std::string>> Resolver::take() {
  if (!result_.valid() || result_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return std::nullopt;
  return result_.get();
}

}  // namespace parley::client

#include "cli-client/net/poll_set.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

namespace parley::client {

// epoll(7)'s events have poll(2)'s values.
static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT);

PollSet::PollSet() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_.get() < 0) error_ = errno;
}

void PollSet::watch(std::span<const pollfd> fds) {
  for (const int old : watched_) {
    if (std::ranges::none_of(fds, [old](const pollfd& fd) { return fd.fd == old; })) {
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, old, nullptr);  // fails when it has been closed: then it has left
    }
  }
  watched_.clear();
  for (const pollfd& fd : fds) {
    if (fd.fd < 0) continue;
    epoll_event event{};
    event.events = static_cast<unsigned>(fd.events);
    // The number may be that of another descriptor, closed meanwhile, which is no member any more.
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd.fd, &event) != 0) {
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.fd, &event);
    }
    watched_.push_back(fd.fd);
  }
}

}  // namespace parley::client

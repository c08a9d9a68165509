#include "service/loop/poller.h"

#include <fcntl.h>
#include <asio/redirect_error.hpp>

#include <cerrno>
#include <system_error>

namespace parley {

namespace {

constexpr std::uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::uint32_t kReading = EPOLLIN | kEnd;
constexpr std::uint32_t kWriting = EPOLLOUT | EPOLLHUP | EPOLLERR;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

}  // namespace

Poller::Poller(asio::io_context& io) : set_(::epoll_create1(EPOLL_CLOEXEC)), ready_(io.get_executor()) {
  if (!set_.valid()) fail("epoll_create1");
  const int duplicate = ::fcntl(set_.get(), F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) fail("fcntl");
  ready_.assign(duplicate);
}

awaitable<void> Poller::run() {
  asio::error_code ignored;
  while (!stopped_) {
    co_await ready_.async_wait(asio::posix::descriptor_base::wait_read, asio::redirect_error(use_awaitable, ignored));
    // While several come at once more are likely to have come meanwhile. After a single one Asio waits for the next.
    for (int round = 0; round < kMostRounds && wake_ready() > 1; ++round) {
    }
  }
}

void Poller::stop() {
  stopped_ = true;
  asio::error_code ignored;
  ready_.cancel(ignored);
}

std::size_t Poller::wake_ready() {
  const int count = ::epoll_wait(set_.get(), events_.data(), static_cast<int>(events_.size()), 0);
  end_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (next_ = 0; next_ < end_;) {
    const epoll_event event = events_[next_++];
    auto* const watch = static_cast<Watch*>(event.data.ptr);
    if (watch == nullptr) continue;
    watch->ended = watch->ended || (event.events & kEnd) != 0;
    if ((event.events & kWriting) != 0) {
      watch->writable.resume();
      // It may have gone with that.
      if (events_[next_ - 1].data.ptr == nullptr) continue;
    }
    if ((event.events & kReading) != 0) watch->readable.resume();
  }
  return end_;
}

void Poller::forget(const Watch& watch) {
  for (std::size_t i = next_ == 0 ? 0 : next_ - 1; i < end_; ++i) {
    if (events_[i].data.ptr == &watch) events_[i].data.ptr = nullptr;
  }
}

Poller::Watch::Watch(Poller& poller, int socket) : poller_(poller), socket_(socket) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (::epoll_ctl(poller_.set_.get(), EPOLL_CTL_ADD, socket_, &event) != 0) fail("epoll_ctl");
  next_ = poller_.first_;
  if (next_ != nullptr) next_->previous_ = this;
  poller_.first_ = this;
}

Poller::Watch::~Watch() {
  ::epoll_ctl(poller_.set_.get(), EPOLL_CTL_DEL, socket_, nullptr);
  poller_.forget(*this);
  (previous_ != nullptr ? previous_->next_ : poller_.first_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

}  // namespace parley

#pragma once

#include <sys/epoll.h>

#include <array>
#include <asio/posix/basic_stream_descriptor.hpp>
#include <cstddef>

#include "base/descriptor.h"
#include "service/loop/asio.h"
#include "service/loop/event.h"

namespace parley {

// Tells which sockets are ready. Asio could too, but makes a system call for every wait (epoll_ctl, to arm the
// descriptor again), which is a tenth of what a small message costs: here a socket is registered once,
// edge-triggered, in an epoll set of our own, and only that set is Asio's. Owned by one shard.
class Poller {
 public:
  explicit Poller(asio::io_context& io);

  // Wakes those who wait, until stop().
  awaitable<void> run();
  void stop();

  // Calls `each` with every socket that is watched.
  template <class Each>
  void for_each_socket(Each each) const {
    for (const Watch* watch = first_; watch != nullptr; watch = watch->next_) each(watch->socket_);
  }

  // One socket, from its construction to its destruction. Its descriptor must stay open for as long.
  class Watch {
   public:
    Watch(Poller& poller, int socket);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Notified when there is, or may be, something new, and only then: whoever waits must have made an attempt that
    // would have blocked, or fell short, since the last time. clear() after such an attempt saves another.
    Event readable;
    Event writable;
    // The end has been seen: there will be no further news, and reading never blocks.
    bool ended = false;

   private:
    friend class Poller;
    Poller& poller_;
    const int socket_;
    Watch* previous_ = nullptr;  // in the poller's list of all
    Watch* next_ = nullptr;
  };

 private:
  static constexpr std::size_t kMostAtOnce = 128;
  // After so many times in a row, whatever else the shard has to do gets its turn.
  static constexpr int kMostRounds = 16;

  // How many sockets had something.
  std::size_t wake_ready();
  void forget(const Watch& watch);

  Descriptor set_;
  Watch* first_ = nullptr;
  asio::posix::basic_stream_descriptor<Executor> ready_;
  bool stopped_ = false;
  std::array<epoll_event, kMostAtOnce> events_{};
  std::size_t next_ = 0, end_ = 0;  // of events_, while they are being gone through
};

}  // namespace parley

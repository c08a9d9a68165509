#include "service/net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/basic_waitable_timer.hpp>
#include <asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/errno_text.h"
#include "service/log/log.h"

namespace parley {

namespace {

// Accepted in one go before other work of the shard gets its turn.
constexpr int kAcceptBurst = 32;
// As net/http's Serve: accept can fail for want of descriptors for as long as clients hold theirs.
constexpr milliseconds kBackOffMin{5};
constexpr milliseconds kBackOffMax{1000};

std::string remedy(int error) {
  switch (error) {
    case EADDRINUSE:
      return "address already in use; stop what listens there or choose another port";
    case EACCES:
      return "permission denied; ports below 1024 need privileges, choose a higher one";
    case EADDRNOTAVAIL:
      return "no such address on this machine; choose one that `ip address` shows";
    default:
      return errno_text(error) + "; " + std::string(remedy_of_scarcity(error));
  }
}

void set_option(int socket, int level, int name, int value) { ::setsockopt(socket, level, name, &value, sizeof value); }

}  // namespace

Descriptor listen_at(const Endpoint& endpoint, Sharing sharing) {
  auto socket = listen_tcp(endpoint.address, endpoint.port, sharing);
  if (!socket) throw std::runtime_error("cannot listen at " + to_string(endpoint) + ": " + remedy(socket.error()));
  return std::move(*socket);
}

Listener::Listener(asio::io_context& io, Descriptor socket, OnConnection on_connection, OnExhausted on_exhausted)
    : acceptor_(io.get_executor()),
      io_(io),
      on_connection_(std::move(on_connection)),
      on_exhausted_(std::move(on_exhausted)),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  acceptor_.assign(asio::ip::tcp::v6(), socket.get());
  socket.release();
}

awaitable<void> Listener::run() {
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> timer(
      io_.get_executor());
  asio::error_code ignored;
  milliseconds back_off = kBackOffMin;
  bool exhausted = false;
  while (acceptor_.is_open()) {
    co_await acceptor_.async_wait(asio::socket_base::wait_read, asio::redirect_error(use_awaitable, ignored));
    Accepted accepted = Accepted::one;
    for (int i = 0; i < kAcceptBurst && accepted == Accepted::one && acceptor_.is_open(); ++i) accepted = accept_one();
    if (accepted == Accepted::exhausted) {
      if (!std::exchange(exhausted, true)) {
        log_event(Level::error, "no descriptor or memory left for new connections; raise the limit (ulimit -n)",
                  {{"error", errno_text()}});
      }
      shed_one();
      timer.expires_after(back_off);
      co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
      back_off = std::min(back_off * 2, kBackOffMax);
    } else if (std::exchange(exhausted, false)) {
      back_off = kBackOffMin;
      log_event(Level::info, "accepting new connections again", {});
    }
  }
}

Listener::Accepted Listener::accept_one() {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  Descriptor socket(
      ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.valid()) {
    const bool out_of = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (out_of) return Accepted::exhausted;
    return errno == EAGAIN ? Accepted::none : Accepted::one;  // else that connection's own trouble: the next
  }
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  on_connection_(std::move(socket), peer);
  return Accepted::one;
}

void Listener::shed_one() {
  on_exhausted_();
  spare_.reset();
  Descriptor(::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC)).reset();
  spare_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void Listener::close() {
  asio::error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace parley

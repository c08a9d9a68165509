#include "service/net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace parley {

namespace {

IoResult to_result(ssize_t n) {
  if (n >= 0) return {IoStatus::ok, static_cast<std::size_t>(n)};
  if (errno == EAGAIN) return {IoStatus::would_block, 0};
  return {IoStatus::failed, 0};
}

std::optional<tcp_info> information(const Descriptor& socket) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (!socket.valid() || ::getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
  return info;
}

}  // namespace

TcpStream::TcpStream(Poller& poller, Descriptor socket) : socket_(std::move(socket)) {
  watch_.emplace(poller, socket_.get());
}

IoResult TcpStream::read_some(std::span<std::byte> into) {
  if (!socket_.valid()) return {IoStatus::failed, 0};
  const IoResult result = to_result(::recv(socket_.get(), into.data(), into.size(), 0));
  if (result.status == IoStatus::ok && result.bytes == 0) return {IoStatus::closed, 0};
  if (result.status == IoStatus::would_block) watch_->readable.clear();
  return {result.status, result.bytes, result.bytes == into.size()};
}

IoResult TcpStream::write_some(std::span<const std::byte> from) {
  if (!socket_.valid()) return {IoStatus::failed, 0};
  const IoResult result = to_result(::send(socket_.get(), from.data(), from.size(), MSG_NOSIGNAL));
  if (result.status == IoStatus::would_block) watch_->writable.clear();
  return result;
}

awaitable<void> TcpStream::wait(Ready what) {
  if (!watch_ || (what == Ready::read && watch_->ended)) return no_wait();
  return (what == Ready::read ? watch_->readable : watch_->writable).wait();
}

void TcpStream::cancel() {
  if (!watch_) return;
  watch_->readable.notify();
  watch_->writable.notify();
}

bool TcpStream::peer_gone() {
  if (!socket_.valid()) return true;
  pollfd probe{socket_.get(), POLLRDHUP, 0};
  return ::poll(&probe, 1, 0) > 0;
}

void TcpStream::shutdown_send() {
  if (socket_.valid()) ::shutdown(socket_.get(), SHUT_WR);
}

void TcpStream::close() {
  if (!socket_.valid()) return;
  cancel();
  watch_.reset();
  socket_.reset();
}

void TcpStream::reset() {
  const linger at_once{1, 0};
  if (socket_.valid()) ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

std::optional<std::chrono::milliseconds> TcpStream::silent_for() const {
  const auto info = information(socket_);
  if (!info) return std::nullopt;
  return std::chrono::milliseconds(std::min(info->tcpi_last_ack_recv, info->tcpi_last_data_recv));
}

void TcpStream::ask_for_life(bool ask) {
  if (!socket_.valid() || ask == before_asking_.has_value()) return;
  if (ask) {
    before_asking_ = exchange_keepalive_times(socket_.get(), {1, 1});
  } else {
    exchange_keepalive_times(socket_.get(), *before_asking_);
    before_asking_.reset();
  }
}

std::optional<std::chrono::microseconds> TcpStream::round_trip() const {
  const auto info = information(socket_);
  if (!info) return std::nullopt;
  return std::chrono::microseconds(info->tcpi_rtt);
}

void TcpStream::enter(Poller& poller, Scratch&) { watch_.emplace(poller, socket_.get()); }

void TcpStream::cut() { ::shutdown(socket_.get(), SHUT_RDWR); }

}  // namespace parley

#include "net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <asio/redirect_error.hpp>
#include <cerrno>

namespace parley {

namespace {

IoResult to_result(ssize_t n) {
  if (n >= 0) return {IoStatus::ok, static_cast<std::size_t>(n)};
  if (errno == EAGAIN || errno == EINTR) return {IoStatus::would_block, 0};
  return {IoStatus::failed, 0};
}

}  // namespace

TcpStream::TcpStream(asio::io_context& io, Descriptor socket) {
  socket_.emplace(io.get_executor());
  // The protocol matters to Asio only for opening sockets; v6() stands for either here.
  socket_->assign(asio::ip::tcp::v6(), socket.get());
  socket.release();
}

IoResult TcpStream::read_some(std::span<std::byte> into) {
  const IoResult result = to_result(::recv(socket_->native_handle(), into.data(), into.size(), 0));
  if (result.status == IoStatus::ok && result.bytes == 0) return {IoStatus::closed, 0};
  return {result.status, result.bytes, result.bytes == into.size()};
}

IoResult TcpStream::write_some(std::span<const std::byte> from) {
  return to_result(::send(socket_->native_handle(), from.data(), from.size(), MSG_NOSIGNAL));
}

awaitable<void> TcpStream::wait(Ready what) {
  asio::error_code ignored;  // the next attempt finds out what is the matter
  co_await socket_->async_wait(what == Ready::read ? asio::socket_base::wait_read : asio::socket_base::wait_write,
                               asio::redirect_error(use_awaitable, ignored));
}

void TcpStream::cancel() {
  asio::error_code ignored;
  socket_->cancel(ignored);
}

bool TcpStream::peer_gone() {
  if (!socket_->is_open()) return true;
  pollfd probe{socket_->native_handle(), POLLRDHUP, 0};
  return ::poll(&probe, 1, 0) > 0;
}

void TcpStream::shutdown_send() {
  asio::error_code ignored;
  socket_->shutdown(asio::socket_base::shutdown_send, ignored);
}

void TcpStream::close() {
  asio::error_code ignored;
  socket_->close(ignored);
}

void TcpStream::reset() {
  asio::error_code ignored;
  socket_->set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

std::optional<std::chrono::microseconds> TcpStream::round_trip() const {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (!socket_->is_open() || ::getsockopt(socket_->native_handle(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds(info.tcpi_rtt);
}

void TcpStream::leave() {
  asio::error_code ignored;
  between_shards_ = Descriptor(socket_->release(ignored));
  socket_.reset();
}

void TcpStream::enter(asio::io_context& io, Scratch&) {
  socket_.emplace(io.get_executor());
  socket_->assign(asio::ip::tcp::v6(), between_shards_.get());
  between_shards_.release();
}

}  // namespace parley

#include "cli-client/net/tls_stream.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/errno_text.h"
#include "cli-client/net/port_hint.h"

namespace parley::client {
namespace {

using Kind = ConnectionFault::Kind;

constexpr std::size_t kSocketReadBytes = std::size_t{64} * 1024;

}  // namespace

TlsStream::TlsStream(const Endpoint& relay, const Trust& trust, const Address& address, std::string where)
    : relay_(relay), trust_(trust), where_(std::move(where)), tcp_(address) {}

pollfd TlsStream::wanted() const {
  if (!tls_) return tcp_.wanted();
  return {socket_.get(), static_cast<short>(POLLIN | (unsent() > 0 ? POLLOUT : 0)), 0};
}

tl::expected<bool, ConnectionFault> TlsStream::advance(short events, TimePoint now) {
  if (!tls_) {
    const auto done = connect(events, now);
    return done.map([] { return false; });
  }
  if ((events & (POLLIN | POLLERR | POLLHUP)) != 0) {
    if (auto done = receive(now); !done) return tl::unexpected(std::move(done.error()));
  }
  flush();
  return is_open();
}

tl::expected<void, ConnectionFault> TlsStream::connect(short events, TimePoint now) {
  const auto error = tcp_.advance(events);
  if (!error) return {};
  if (*error != 0) return tl::unexpected(tcp_.fault(*error));
  socket_ = tcp_.take_socket();
  connected_ = last_heard_ = now;
  tls_ = std::make_unique<OuterTls>(relay_, trust_, where_);
  flush();
  return {};
}

tl::expected<void, ConnectionFault> TlsStream::receive(TimePoint now) {
  std::array<std::byte, kSocketReadBytes> bytes;
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return {};
    return tl::unexpected(ConnectionFault{
        Kind::lost, "the connection to " + (is_open() ? relay_.text() : where_) + " broke off: " + errno_text(), {}});
  }
  if (count > 0) {
    last_heard_ = now;
    if (auto done = tls_->receive(std::span(bytes).first(static_cast<std::size_t>(count)), received_); !done) {
      flush();  // an alert tells the relay why
      return done;
    }
  }
  if (count > 0 && !tls_->closed()) return {};
  if (is_open()) return tl::unexpected(ConnectionFault{Kind::lost, relay_.text() + " closed the connection", {}});
  return tl::unexpected(ConnectionFault{
      Kind::no_relay, where_ + " closed the connection before TLS began: it may be full, or no relay", {}});
}

ConnectionFault TlsStream::late() const {
  if (!tls_) return tcp_.fault(ETIMEDOUT);
  return {Kind::unreachable, where_ + " took the connection but did not answer; " + port_hint(relay_), {}};
}

void TlsStream::send(ByteView bytes) {
  const bool idle = unsent() == 0;
  tls_->send(bytes);
  if (idle) flush();
}

std::size_t TlsStream::unsent() const {
  return outbound_.size() - outbound_sent_ + (tls_ ? tls_->pending_output() : 0);
}

std::size_t TlsStream::undelivered() const {
  int queued = 0;
  const bool known = socket_.get() >= 0 && ::ioctl(socket_.get(), SIOCOUTQ, &queued) == 0;
  return unsent() + (known ? static_cast<std::size_t>(queued) : 0);
}

void TlsStream::finish() {
  if (finishing_) return;
  tls_->close();
  finishing_ = true;
  flush();
}

void TlsStream::flush() {
  for (;;) {
    if (outbound_sent_ == outbound_.size()) {
      outbound_.resize(tls_->pending_output());
      outbound_.resize(tls_->read_output(outbound_));
      outbound_sent_ = 0;
      if (outbound_.empty()) break;
    }
    const ssize_t count =
        ::send(socket_.get(), outbound_.data() + outbound_sent_, outbound_.size() - outbound_sent_, MSG_NOSIGNAL);
    // What came before a failure may still be read; that ends the connection.
    if (count < 0) return;
    outbound_sent_ += static_cast<std::size_t>(count);
  }
  if (finishing_) ::shutdown(socket_.get(), SHUT_WR);
}

}  // namespace parley::client

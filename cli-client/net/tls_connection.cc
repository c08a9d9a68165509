#include "cli-client/net/tls_connection.h"
#include "base/errno_text.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace parley::client {
namespace {

using Kind = ConnectionFault::Kind;
using std::chrono::milliseconds;

constexpr std::size_t kSocketReadBytes = std::size_t{64} * 1024;

}  // namespace

Dial over_tls(const Trust& trust) {
  return [&trust](const Endpoint& relay, milliseconds timeout, TimePoint now) {
    return std::make_unique<TlsConnection>(relay, trust, timeout, now);
  };
}

TlsConnection::TlsConnection(Endpoint relay, const Trust& trust, milliseconds timeout, TimePoint now)
    : relay_(std::move(relay)), trust_(trust), timeout_(timeout), deadline_(now + timeout), last_heard_(now) {
  steps_.begun = now;
  resolver_.emplace(relay_);
  if (resolver_->fd() < 0) advance(0, now);
}

Connection::State TlsConnection::state() const {
  if (fault_) return State::ended;
  return reached_ ? State::open : State::opening;
}

pollfd TlsConnection::wanted() const {
  if (fault_) return {-1, 0, 0};
  if (resolver_) return {resolver_->fd(), POLLIN, 0};
  if (connect_) return connect_->wanted();
  return {socket_.get(), static_cast<short>(POLLIN | (unsent() > 0 ? POLLOUT : 0)), 0};
}

std::optional<TimePoint> TlsConnection::deadline() const {
  if (state() != State::opening) return std::nullopt;
  const auto step = connect_ ? connect_->deadline() : std::nullopt;
  return step ? std::min(*step, deadline_) : deadline_;
}

void TlsConnection::advance(short events, TimePoint now) {
  if (fault_) return;
  if (resolver_) {
    if (auto found = resolver_->take()) on_resolved(std::move(*found), now);
  } else if (connect_) {
    connect(events, now);
  } else {
    if (events & (POLLIN | POLLERR | POLLHUP)) receive(now);
    if (!fault_) flush();
  }
  if (state() == State::opening && now >= deadline_) {
    fail(Kind::unreachable, resolver_
                                ? "looking up the name " + relay_.host + " took too long; check the network and its DNS"
                                : relay_.text() + " took the connection but did not answer; is it a relay/1 port?");
  }
}

void TlsConnection::on_resolved(Resolved found, TimePoint now) {
  resolver_.reset();
  if (!found) return fail(Kind::unreachable, found.error());
  steps_.resolved = now;
  connect_.emplace(relay_, std::move(*found), timeout_, steps_.begun);
  connect(0, now);
}

void TlsConnection::connect(short events, TimePoint now) {
  auto result = connect_->advance(events, now);
  if (!result) return;
  connect_.reset();
  if (!*result) return fail(Kind::unreachable, result->error());
  socket_ = std::move((*result)->socket);
  steps_.address = (*result)->address.text();
  steps_.connected = now;
  last_heard_ = now;
  tls_ = std::make_unique<OuterTls>(relay_, trust_);
  flush();
}

void TlsConnection::receive(TimePoint now) {
  std::array<std::byte, kSocketReadBytes> bytes;
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    return fail(Kind::lost, "the connection to " + relay_.text() + " broke off: " + errno_text());
  }
  if (count > 0) {
    last_heard_ = now;
    auto done = tls_->receive(std::span(bytes).first(static_cast<std::size_t>(count)), received_);
    if (!done) {
      flush();  // an alert tells the relay why
      fault_ = std::move(done.error());
      return;
    }
    if (!reached_ && tls_->open()) {
      steps_.open = now;
      steps_.pin = tls_->pin();
      reached_ = steps_;
    }
  }
  if (count == 0 || tls_->closed()) {
    fail(reached_ ? Kind::lost : Kind::no_relay,
         relay_.text() + (reached_ ? " closed the connection"
                                   : " closed the connection before TLS began: it may be full, or no relay"));
  }
}

void TlsConnection::send(ByteView bytes) {
  if (state() != State::open) return;
  const bool idle = unsent() == 0;
  tls_->send(bytes);
  if (idle) flush();
}

std::size_t TlsConnection::unsent() const {
  return outbound_.size() - outbound_sent_ + (tls_ ? tls_->pending_output() : 0);
}

void TlsConnection::finish() {
  if (finishing_ || state() != State::open) return;
  tls_->close();
  finishing_ = true;
  flush();
}

void TlsConnection::flush() {
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

void TlsConnection::fail(Kind kind, std::string text) {
  fault_ = {kind, std::move(text), {}};
  socket_ = Descriptor();
}

}  // namespace parley::client

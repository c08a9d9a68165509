#include "cli-client/net/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/errno_text.h"

namespace parley::client {
namespace {

using Kind = ConnectionFault::Kind;
using std::chrono::milliseconds;

constexpr std::size_t kSocketReadBytes = std::size_t{64} * 1024;

}  // namespace

Connection::Connection(const Endpoint& relay, const Trust& trust, milliseconds timeout, TimePoint now)
    : relay_(relay),
      trust_(trust),
      timeout_(timeout),
      times_{now, now, now, now},
      deadline_(now + timeout),
      address_deadline_(deadline_),
      resolver_(relay),
      last_heard_(now) {}

pollfd Connection::wanted() const {
  switch (state_) {
    case State::resolving:
      return {resolver_->fd(), POLLIN, 0};
    case State::connecting:
      return {socket_.get(), POLLOUT, 0};
    case State::handshaking:
    case State::open:
      return {socket_.get(), static_cast<short>(POLLIN | (unsent() > 0 ? POLLOUT : 0)), 0};
    case State::ended:
      break;
  }
  return {-1, 0, 0};
}

std::optional<Connection::TimePoint> Connection::deadline() const {
  if (state_ == State::connecting) return std::min(deadline_, address_deadline_);
  return state_ == State::resolving || state_ == State::handshaking ? std::optional(deadline_) : std::nullopt;
}

void Connection::advance(short events, TimePoint now) {
  if (state_ == State::resolving && events != 0) {
    if (auto found = resolver_->take()) {
      resolver_.reset();
      if (!*found) return fail(Kind::unreachable, found->error());
      addresses_ = std::move(**found);
      times_.resolved = now;
      try_next_address(now);
    }
  } else if (state_ == State::connecting) {
    const int error = events != 0 ? connect_error(socket_.get()) : ETIMEDOUT;
    if (events != 0 && error == 0) {
      on_connected(now);
    } else if (events != 0 || now >= address_deadline_) {
      failures_.push_back({addresses_[next_address_ - 1].text(), error});
      try_next_address(now);
    }
  } else if (state_ == State::handshaking || state_ == State::open) {
    if (events & (POLLIN | POLLERR | POLLHUP)) receive(now);
    if (state_ != State::ended) flush();
  }
  if (state_ != State::open && state_ != State::ended && now >= deadline_) {
    fail(Kind::unreachable, state_ == State::handshaking
                                ? relay_.text() + " took the connection but did not answer; is it a relay/1 port?"
                            : state_ == State::resolving
                                ? "looking up the name " + relay_.host + " took too long; check the network and its DNS"
                                : explain(relay_, {{relay_.text(), ETIMEDOUT}}, timeout_));
  }
}

void Connection::try_next_address(TimePoint now) {
  while (next_address_ < addresses_.size()) {
    const auto share = (deadline_ - now) / static_cast<int>(addresses_.size() - next_address_);
    address_deadline_ = now + share;
    auto socket = begin_connect(addresses_[next_address_++]);
    if (socket) {
      socket_ = std::move(*socket);
      state_ = State::connecting;
      return;
    }
    failures_.push_back({addresses_[next_address_ - 1].text(), socket.error()});
  }
  fail(Kind::unreachable, explain(relay_, failures_, timeout_));
}

void Connection::on_connected(TimePoint now) {
  state_ = State::handshaking;
  times_.connected = now;
  last_heard_ = now;
  tls_ = std::make_unique<OuterTls>(relay_, trust_);
  flush();
}

void Connection::receive(TimePoint now) {
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
      state_ = State::ended;
      return;
    }
    if (state_ == State::handshaking && tls_->open()) {
      state_ = State::open;
      times_.open = now;
    }
  }
  if (count == 0 || tls_->closed()) {
    fail(state_ == State::handshaking ? Kind::no_relay : Kind::lost,
         relay_.text() + (state_ == State::handshaking
                              ? " closed the connection before TLS began: it may be full, or no relay"
                              : " closed the connection"));
  }
}

void Connection::send(ByteView bytes) {
  if (state_ != State::open) return;
  const bool idle = unsent() == 0;
  tls_->send(bytes);
  if (idle) flush();
}

std::size_t Connection::unsent() const {
  return outbound_.size() - outbound_sent_ + (tls_ ? tls_->pending_output() : 0);
}

void Connection::finish() {
  if (!finishing_ && state_ == State::open) tls_->close();
  finishing_ = true;
  flush();
}

void Connection::flush() {
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

std::string Connection::address() const {
  return next_address_ > 0 ? addresses_[next_address_ - 1].text() : std::string();
}

void Connection::fail(Kind kind, std::string text) {
  state_ = State::ended;
  fault_ = {kind, std::move(text), {}};
  socket_ = Descriptor();
}

}  // namespace parley::client

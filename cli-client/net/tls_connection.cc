#include "cli-client/net/tls_connection.h"

#include <algorithm>
#include <utility>

namespace parley::client {

using std::chrono::milliseconds;

Dial over_tls(const Trust& trust, Lookup lookup) {
  return [&trust, lookup = std::move(lookup), last = std::make_shared<std::optional<Address>>()](
             const Endpoint& relay, milliseconds timeout, TimePoint now) {
    return std::make_unique<TlsConnection>(relay, trust, lookup, last, timeout, now);
  };
}

TlsConnection::TlsConnection(Endpoint relay, const Trust& trust, const Lookup& lookup, LastAddress last,
                             milliseconds timeout, TimePoint now)
    : relay_(std::move(relay)),
      trust_(trust),
      last_(std::move(last)),
      timeout_(timeout),
      begun_(now),
      deadline_(now + timeout) {
  resolver_.emplace(relay_, lookup);
  if (resolver_->fd() < 0) advance(0, now);
}

Connection::State TlsConnection::state() const {
  if (fault_) return State::ended;
  return reached_ ? State::open : State::opening;
}

pollfd TlsConnection::wanted() const {
  if (fault_) return {-1, 0, 0};
  if (resolver_) return {resolver_->fd(), POLLIN, 0};
  return race_ ? race_->wanted() : stream_->wanted();
}

std::optional<TimePoint> TlsConnection::deadline() const {
  if (state() != State::opening) return std::nullopt;
  return race_ ? race_->deadline() : deadline_;
}

void TlsConnection::advance(short events, TimePoint now) {
  if (fault_) return;
  if (resolver_) {
    look_up(now);
  } else if (race_) {
    race(now);
  } else if (auto done = stream_->advance(events, now); !done) {
    fail(std::move(done.error()));
  }
}

void TlsConnection::look_up(TimePoint now) {
  auto found = resolver_->take();
  if (!found && now < deadline_) return;
  resolver_.reset();
  if (!found) {
    return fail({ConnectionFault::Kind::unreachable,
                 "looking up the name " + relay_.host + " took too long; check the network and its DNS"});
  }
  if (!*found) return fail({ConnectionFault::Kind::unreachable, std::move(found->error())});
  resolved_ = now;
  const auto begin = [this](const Address& address, const std::string& where) {
    return std::make_unique<TlsStream>(relay_, trust_, address, where);
  };
  race_.emplace(relay_, in_racing_order(**found, *last_), timeout_, begun_, begin, now);
  race(now);
}

void TlsConnection::race(TimePoint now) {
  auto result = race_->advance(now);
  if (!result) return;
  if (*result) return on_open(std::move(**result), now);
  fail(std::move(result->error()));
}

void TlsConnection::on_open(Race::Winner winner, TimePoint now) {
  race_.reset();
  stream_.reset(static_cast<TlsStream*>(winner.attempt.release()));
  *last_ = winner.address;
  reached_ = Reached{stream_->pin(),        winner.address.text(),         begun_, resolved_, stream_->connected(), now,
                     stream_->trusted_by(), stream_->certificate_expires()};
}

Bytes& TlsConnection::received() { return stream_ ? stream_->received() : nothing_; }

void TlsConnection::send(ByteView bytes) {
  if (state() == State::open) stream_->send(bytes);
}

void TlsConnection::finish() {
  if (state() == State::open) stream_->finish();
}

// What has been received stays to be taken.
void TlsConnection::fail(ConnectionFault fault) {
  fault_ = std::move(fault);
  race_.reset();
  if (stream_) stream_->hang_up();
}

}  // namespace parley::client

#pragma once

#include <poll.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cli-client/net/connection.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/race.h"
#include "cli-client/net/resolver.h"
#include "cli-client/net/tls_stream.h"

namespace parley::client {

// Dials over TCP and TLS: looks the name up, tries its addresses, and checks that it is the relay that `trust` means,
// which is kept by reference. The address that it was reached at is tried first the next time.
Dial over_tls(const Trust& trust, Lookup lookup = resolve);

class TlsConnection final : public Connection {
 public:
  // The address that such a connection was reached at last.
  using LastAddress = std::shared_ptr<std::optional<Address>>;

  // `trust` is kept by reference.
  TlsConnection(Endpoint relay, const Trust& trust, const Lookup& lookup, LastAddress last,
                std::chrono::milliseconds timeout, TimePoint now);

  State state() const override;
  const std::optional<Reached>& reached() const override { return reached_; }
  const ConnectionFault& fault() const override { return *fault_; }
  pollfd wanted() const override;
  std::optional<TimePoint> deadline() const override;
  void advance(short events, TimePoint now) override;
  Bytes& received() override;
  TimePoint last_heard() const override { return stream_ ? stream_->last_heard() : begun_; }
  void send(ByteView bytes) override;
  std::size_t unsent() const override { return stream_ ? stream_->unsent() : 0; }
  std::size_t undelivered() const override { return stream_ ? stream_->undelivered() : 0; }
  void finish() override;

 private:
  void look_up(TimePoint now);
  void race(TimePoint now);
  void on_open(Race::Winner winner, TimePoint now);
  void fail(ConnectionFault fault);

  const Endpoint relay_;
  const Trust& trust_;
  const LastAddress last_;
  const std::chrono::milliseconds timeout_;
  const TimePoint begun_;
  const TimePoint deadline_;  // for State::open
  TimePoint resolved_;
  std::optional<Reached> reached_;
  std::optional<ConnectionFault> fault_;

  // One after the other; of each what follows it is empty.
  std::optional<Resolver> resolver_;
  std::optional<Race> race_;
  std::unique_ptr<TlsStream> stream_;

  Bytes nothing_;  // received() before there is a stream
};

}  // namespace parley::client

#pragma once

#include <poll.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "cli-client/net/connect.h"
#include "cli-client/net/connection.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/outer_tls.h"
#include "cli-client/net/resolver.h"

namespace parley::client {

// Dials over TCP and TLS: looks the name up, connects, and checks that it is the relay that `trust` means, which is
// kept by reference.
Dial over_tls(const Trust& trust);

class TlsConnection final : public Connection {
 public:
  // `trust` is kept by reference.
  TlsConnection(Endpoint relay, const Trust& trust, std::chrono::milliseconds timeout, TimePoint now);

  State state() const override;
  const std::optional<Reached>& reached() const override { return reached_; }
  const ConnectionFault& fault() const override { return *fault_; }
  pollfd wanted() const override;
  std::optional<TimePoint> deadline() const override;
  void advance(short events, TimePoint now) override;
  Bytes& received() override { return received_; }
  TimePoint last_heard() const override { return last_heard_; }
  void send(ByteView bytes) override;
  std::size_t unsent() const override;
  void finish() override;

 private:
  void on_resolved(Resolved found, TimePoint now);
  void connect(short events, TimePoint now);
  void receive(TimePoint now);
  void flush();
  void fail(ConnectionFault::Kind kind, std::string text);

  const Endpoint relay_;
  const Trust& trust_;
  const std::chrono::milliseconds timeout_;
  const TimePoint deadline_;  // for State::open
  Reached steps_;             // as far as it has come
  std::optional<Reached> reached_;
  std::optional<ConnectionFault> fault_;
  TimePoint last_heard_;

  // One after the other; of each what follows it is empty.
  std::optional<Resolver> resolver_;
  std::optional<TcpConnect> connect_;
  Descriptor socket_;
  std::unique_ptr<OuterTls> tls_;

  Bytes received_;
  Bytes outbound_;  // encrypted
  std::size_t outbound_sent_ = 0;
  bool finishing_ = false;
};

}  // namespace parley::client

#pragma once

#include <poll.h>

#include <cstddef>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "cli-client/net/attempt.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/outer_tls.h"
#include "cli-client/net/tcp_attempt.h"
#include "cli-client/net/trust.h"

namespace parley::client {

// TCP and TLS with one address of a relay, from its beginning as one attempt of several to its end as the connection.
// The relay's first word is its end of the handshake: its certificate and that it speaks relay/1.
class TlsStream final : public Attempt {
 public:
  // `relay` and `trust` are kept by reference. `where`: see Race.
  TlsStream(const Endpoint& relay, const Trust& trust, const Address& address, std::string where);

  pollfd wanted() const override;
  // True from when it is open on; then a fault is its end.
  tl::expected<bool, ConnectionFault> advance(short events, TimePoint now) override;
  ConnectionFault late() const override;

  // From when there is a TCP connection on.
  TimePoint connected() const { return connected_; }
  TimePoint last_heard() const { return last_heard_; }
  // Once open.
  const Pin& pin() const { return tls_->pin(); }
  Trust::By trusted_by() const { return tls_->trusted_by(); }
  std::optional<std::time_t> certificate_expires() const { return tls_->certificate_expires(); }
  Bytes& received() { return received_; }
  void send(ByteView bytes);
  std::size_t unsent() const;
  std::size_t undelivered() const;
  void finish();
  // At once; what has been received stays.
  void hang_up() { socket_ = Descriptor(); }

 private:
  tl::expected<void, ConnectionFault> connect(short events, TimePoint now);
  tl::expected<void, ConnectionFault> receive(TimePoint now);
  void flush();
  bool is_open() const { return tls_ && tls_->open(); }

  const Endpoint& relay_;
  const Trust& trust_;
  const std::string where_;
  TcpAttempt tcp_;
  // Once that has succeeded.
  Descriptor socket_;
  std::unique_ptr<OuterTls> tls_;
  TimePoint connected_;
  TimePoint last_heard_;

  Bytes received_;
  Bytes outbound_;  // encrypted
  std::size_t outbound_sent_ = 0;
  bool finishing_ = false;
};

}  // namespace parley::client

#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "cli-client/net/connection_fault.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/trust.h"
#include "protocol/chat/key_limit.h"

namespace parley::client {

// The client's end of TLS 1.3 with a relay, over whatever carries bytes. Pure; see docs/relay-protocol.md, "The
// connection".
class OuterTls {
 public:
  // `relay` and `trust` are kept by reference. `where`: what a fault calls the relay until it is open; see Race.
  OuterTls(const Endpoint& relay, const Trust& trust, std::string where);
  OuterTls(const OuterTls&) = delete;  // OpenSSL knows where it is
  OuterTls& operator=(const OuterTls&) = delete;

  // True once the handshake is done and the relay is the right one.
  bool open() const { return open_; }
  // Takes what came; appends what it holds for the user of this class.
  tl::expected<void, ConnectionFault> receive(ByteView bytes, Bytes& plaintext);
  // The relay has ended the stream in good order.
  bool closed() const { return closed_; }
  void send(ByteView plaintext);
  // Says that nothing more will come.
  void close();

  std::size_t pending_output() const;
  std::size_t read_output(std::span<std::byte> to);

  // The relay's, once open().
  const Pin& pin() const { return pin_; }
  Trust::By trusted_by() const { return trusted_by_; }
  std::optional<std::time_t> certificate_expires() const { return certificate_expires_; }

 private:
  tl::expected<void, ConnectionFault> handshake();
  static int on_certificate(X509_STORE_CTX* chain, void* unused);
  std::optional<ConnectionFault> judge(X509* certificate, int result);
  tl::expected<void, ConnectionFault> check_protocol();
  ConnectionFault why_handshake_failed() const;
  ConnectionFault why_stream_failed() const;

  const Endpoint& relay_;
  const Trust& trust_;
  const std::string where_;
  SslPtr ssl_;
  BIO* in_;   // owned by ssl_
  BIO* out_;  // owned by ssl_
  KeyLimit key_limit_;
  bool open_ = false;
  bool closed_ = false;
  Pin pin_{};
  Trust::By trusted_by_ = Trust::By::pin;
  std::optional<std::time_t> certificate_expires_;
  std::optional<ConnectionFault> fault_;  // what is wrong with the relay's certificate
};

}  // namespace parley::client

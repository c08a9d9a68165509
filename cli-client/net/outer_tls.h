#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "base/ssl_ptr.h"
#include "cli-client/net/endpoint.h"
#include "cli-client/net/trust.h"

namespace parley::client {

// Why a connection to a relay is not to be used. The text is for the user: what happened, and what to do.
struct ConnectionFault {
  enum class Kind {
    unreachable,  // the network, or nobody there: later it may be different
    lost,         // it broke off
    no_relay,     // something is there, but it does not speak relay/1
    untrusted,    // its certificate is not known, or not right; `pin` would make it so
    wrong_pin,    // it is not the relay that the pin names
    refused,      // it wants another client certificate, or any
  };
  Kind kind;
  std::string text;
  std::optional<Pin> pin = {};  // of an untrusted relay whose issuer is not known: a user may decide to trust it
};

// The client's end of TLS 1.3 with a relay, over whatever carries bytes. Pure; see docs/relay-protocol.md, "The
// connection".
class OuterTls {
 public:
  // Both are kept by reference.
  OuterTls(const Endpoint& relay, const Trust& trust);
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

 private:
  tl::expected<void, ConnectionFault> handshake();
  static int on_certificate(X509_STORE_CTX* chain, void* unused);
  std::optional<ConnectionFault> judge(X509* certificate, int result);
  tl::expected<void, ConnectionFault> check_protocol();
  ConnectionFault why_handshake_failed() const;
  ConnectionFault why_stream_failed() const;

  const Endpoint& relay_;
  const Trust& trust_;
  SslPtr ssl_;
  BIO* in_;   // owned by ssl_
  BIO* out_;  // owned by ssl_
  bool open_ = false;
  bool closed_ = false;
  Pin pin_{};
  std::optional<ConnectionFault> fault_;  // what is wrong with the relay's certificate
};

}  // namespace parley::client

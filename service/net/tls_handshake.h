#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "service/net/client_hello_bound.h"
#include "service/net/tls_context.h"
#include "service/net/tls_record.h"

namespace parley {

// A server's TLS handshake, without I/O: OpenSSL does it, and what it has agreed on is handed over for records of our
// own (TlsStream). So the 14 KB and more that an SSL keeps for each connection are there for the handshake only.
class TlsHandshake {
 public:
  // Every context must have gone through this: it makes OpenSSL tell the traffic secrets.
  static void prepare(SSL_CTX* context);

  explicit TlsHandshake(const TlsContext& context);
  TlsHandshake(const TlsHandshake&) = delete;
  TlsHandshake& operator=(const TlsHandshake&) = delete;

  enum class Status { need_more, done, failed };
  // Takes what the client has sent. `out` is given what is to be sent to it, after a failure an alert.
  Status advance(std::span<const std::byte> received, std::vector<std::byte>& out);

  // Once it is done.
  struct Agreed {
    RecordKeys read;
    RecordKeys write;
    std::vector<std::byte> unread;  // what has been received beyond the handshake
  };
  Agreed take();

 private:
  static void note_secret(const SSL* ssl, const char* line);

  struct Free {
    void operator()(SSL* ssl) const;
  };
  std::unique_ptr<SSL, Free> ssl_;
  BIO* received_ = nullptr;  // these two are the SSL's
  BIO* to_send_ = nullptr;
  ClientHelloBound hello_bound_;
  TrafficSecret client_secret_;
  TrafficSecret server_secret_;
  const CipherSuite* suite_ = nullptr;
  std::uint64_t sent_records_ = 0;  // under the server's application keys: the session tickets
};

}  // namespace parley

#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace parley::bench {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTls>;

// TLS 1.3 without resumption, several records a system call. The relay's certificate is not checked against anything.
// `alpn` may be empty. Both throw std::runtime_error.
TlsContext client_context(const std::string& alpn);
TlsContext server_context(const std::string& certificate, const std::string& key);

// One end of a connection to the relay, on a socket that does not block. What is written is gathered, encrypted, until
// flush() sends it all at once. Throws std::runtime_error or std::system_error when the connection breaks.
class TlsEnd {
 public:
  enum class Role { client, server };

  // Owns the descriptor.
  TlsEnd(SSL_CTX* context, int descriptor, Role role);
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;
  ~TlsEnd();

  int descriptor() const { return descriptor_; }
  bool ready() const { return SSL_is_init_finished(ssl_.get()); }
  // Goes on with the handshake as far as it can.
  void handshake();
  void write(std::span<const std::byte> bytes);
  // True when all has been sent; else again when the socket is writable.
  bool flush();
  bool owes() const { return sent_ < outgoing_.size(); }
  std::size_t outgoing_bytes() const { return outgoing_.size() - sent_; }
  // A KeyUpdate, gathered like what is written.
  void update_keys();
  // 0: nothing more now.
  std::size_t read(std::span<std::byte> into);
  // Whether there is more that has left the socket already: epoll does not report it.
  bool read_ahead() const { return SSL_has_pending(ssl_.get()); }

 private:
  int descriptor_;
  std::vector<std::byte> outgoing_;
  std::size_t sent_ = 0;
  std::unique_ptr<SSL, FreeTls> ssl_;
};

// Connected to 127.0.0.1, TCP_NODELAY, non-blocking; `source`: the address to come from, any when empty. Throw
// std::system_error.
int connect_to(std::uint16_t port, const std::string& source = {});
int listen_on(std::uint16_t port);
// -1: nobody is there.
int accept_from(int listener);

}  // namespace parley::bench

#include "bench/tls_end.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace parley::bench {
namespace {

constexpr std::size_t kReadAheadBytes = 4 * 16'384;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

[[noreturn]] void fail_tls(const char* what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  throw std::runtime_error(std::string(what) + ": " + text.data());
}

int append(BIO* bio, const char* bytes, int length) {
  auto& outgoing = *static_cast<std::vector<std::byte>*>(BIO_get_data(bio));
  const auto* const begin = reinterpret_cast<const std::byte*>(bytes);
  outgoing.insert(outgoing.end(), begin, begin + length);
  return length;
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO* gathering(std::vector<std::byte>& outgoing) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gathering");
    BIO_meth_set_write(made, append);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  BIO* const bio = BIO_new(method);
  BIO_set_data(bio, &outgoing);
  BIO_set_init(bio, 1);
  return bio;
}

TlsContext context(const SSL_METHOD* method) {
  TlsContext made(SSL_CTX_new(method));
  if (!made || SSL_CTX_set_min_proto_version(made.get(), TLS1_3_VERSION) != 1) fail_tls("TLS 1.3");
  SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(made.get(), 1);
  SSL_CTX_set_default_read_buffer_len(made.get(), kReadAheadBytes);
  return made;
}

int prepared(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

TlsContext client_context(const std::string& alpn) {
  TlsContext made = context(TLS_client_method());
  if (!alpn.empty()) {
    std::string list(1, static_cast<char>(alpn.size()));
    list += alpn;
    SSL_CTX_set_alpn_protos(made.get(), reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size()));
  }
  return made;
}

TlsContext server_context(const std::string& certificate, const std::string& key) {
  TlsContext made = context(TLS_server_method());
  SSL_CTX_set_num_tickets(made.get(), 0);
  if (SSL_CTX_use_certificate_chain_file(made.get(), certificate.c_str()) != 1) fail_tls(certificate.c_str());
  if (SSL_CTX_use_PrivateKey_file(made.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) fail_tls(key.c_str());
  return made;
}

TlsEnd::TlsEnd(SSL_CTX* context, int descriptor, Role role) : descriptor_(descriptor), ssl_(SSL_new(context)) {
  if (!ssl_) fail_tls("SSL_new");
  SSL_set_bio(ssl_.get(), BIO_new_socket(descriptor, BIO_NOCLOSE), gathering(outgoing_));
  if (role == Role::server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

TlsEnd::~TlsEnd() { close(descriptor_); }

void TlsEnd::handshake() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) fail_tls("handshake");
  flush();
}

void TlsEnd::write(std::span<const std::byte> bytes) {
  if (SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) fail_tls("SSL_write");
}

void TlsEnd::update_keys() {
  if (SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1 || SSL_do_handshake(ssl_.get()) != 1)
    fail_tls("KeyUpdate");
}

bool TlsEnd::flush() {
  while (owes()) {
    const ssize_t length =
        send(descriptor_, outgoing_.data() + sent_, outgoing_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (length < 0) {
      if (errno == EAGAIN) return false;
      fail("send");
    }
    sent_ += static_cast<std::size_t>(length);
  }
  outgoing_.clear();
  sent_ = 0;
  return true;
}

std::size_t TlsEnd::read(std::span<std::byte> into) {
  const int length = SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
  if (length > 0) return static_cast<std::size_t>(length);
  if (SSL_get_error(ssl_.get(), length) == SSL_ERROR_WANT_READ) return 0;
  fail_tls("the relay ended a connection");
}

int connect_to(std::uint16_t port, const std::string& source) {
  const int descriptor = prepared(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!source.empty()) {
    sockaddr_in from = loopback(0);
    inet_pton(AF_INET, source.c_str(), &from.sin_addr);
    if (bind(descriptor, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind");
  }
  const sockaddr_in address = loopback(port);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  return descriptor;
}

int listen_on(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
  if (listen(listener, SOMAXCONN) != 0) fail("listen");
  return listener;
}

int accept_from(int listener) {
  const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    if (errno == EAGAIN || errno == ECONNABORTED) return -1;
    fail("accept");
  }
  return prepared(descriptor);
}

}  // namespace parley::bench
